-- Files keep bytes as they are.
SELECT 1;
