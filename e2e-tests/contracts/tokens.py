"""Prints hostile tokens, one a line: NAME<tab>TOKEN. The arguments are a token that holds and the file of the key that
signed it: what is signed by it and does not hold is refused for what it says alone."""

import base64
import hashlib
import hmac
import json
import pathlib
import sys


def encoded(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def main(good, key_file):
    key = bytes.fromhex(pathlib.Path(key_file).read_text().strip())
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    def signed(header, claims, key):
        text = f"{encoded(header)}.{encoded(claims)}"
        return f"{text}.{encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())}"

    hs256 = {"typ": "JWT", "alg": "HS256"}
    hostile = {
        "no-algorithm": f"{encoded({'typ': 'JWT', 'alg': 'none'})}.{body}.",
        "signature-cut": f"{head}.{body}.",
        "signature-of-another": signed(hs256, claims, b"another"),
        "empty-key": signed(hs256, claims, b""),
        "more-roles": f"{head}.{encoded({**claims, 'roles': ['auditor', 'model-manager', 'service']})}.{signature}",
        "longer": f"{head}.{encoded({**claims, 'exp': 99_999_999_999})}.{signature}",
        "expired": signed(hs256, {**claims, "exp": claims["iat"] - 3_600}, key),
        "other-audience": signed(hs256, {**claims, "aud": "another-system"}, key),
        "nobody": signed(hs256, {name: value for name, value in claims.items() if name != "sub"}, key),
        "no-end": signed(hs256, {name: value for name, value in claims.items() if name != "exp"}, key),
        "unknown-role": signed(hs256, {**claims, "roles": ["administrator"]}, key),
        "other-algorithm": signed({**hs256, "alg": "RS256"}, claims, key),
        "key-from-elsewhere": signed({**hs256, "jku": "http://127.0.0.1:9/keys", "kid": "../../tokens.key"}, claims, b"x"),
        "key-within": signed({**hs256, "jwk": {"kty": "oct", "k": encoded(b"x")}}, claims, b"x"),
        "claims-no-object": signed(hs256, ["auditor"], b"x"),
        "no-json": f"{encoded(b'{')}.{encoded(b'{')}.{signature}",
        "long": "x" * 6_000,
        "huge": "x" * 100_000,
        "dots": "." * 500,
        "nothing": "",
        "sql": "' OR '1'='1",
        "percent": "%00%0d%0aX-Role:%20auditor",
    }
    for name, token in hostile.items():
        print(f"{name}\t{token}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
