"""Makes one document of the documents in a folder: what one address serves.

Schemas of different services may have the same name; each keeps its own, named after its service.
"""

import json
import pathlib
import sys


def renamed(value, prefix):
    """`value` with references to the schemas of one document."""
    if isinstance(value, dict):
        return {
            key: f"#/components/schemas/{prefix}.{part.rsplit('/', 1)[1]}" if key == "$ref" else renamed(part, prefix)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [renamed(part, prefix) for part in value]
    return value


def main(folder):
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Aforo", "version": "v0"},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        document = json.loads(path.read_text())
        for name, item in renamed(document["paths"], path.stem).items():
            whole["paths"].setdefault(name, {}).update(item)
        for name, schema in renamed(document["components"]["schemas"], path.stem).items():
            whole["components"]["schemas"][f"{path.stem}.{name}"] = schema
    json.dump(whole, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
