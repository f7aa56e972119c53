"""Reads mails with Python's email package, as a second opinion.

Standard input: a JSON array of base64 texts, a raw mail each.
Standard output: a JSON array with, for each, its fields and its leaf parts; texts decoded, other contents in base64.
"""

import base64
import json
import sys
from email import message_from_bytes, policy


def leaf(part):
    if part.get_content_maintype() == "text":
        content = part.get_content().replace("\r\n", "\n")
    elif part.get_content_type() == "message/rfc822":
        content = base64.b64encode(part.get_payload(0).as_bytes()).decode()
    else:
        content = base64.b64encode(part.get_payload(decode=True) or b"").decode()
    return {"type": part.get_content_type(), "content": content}


def leaves(part):
    if part.get_content_type() == "message/rfc822" or not part.is_multipart():
        return [leaf(part)]
    return [found for child in part.iter_parts() for found in leaves(child)]


def read(raw):
    message = message_from_bytes(raw, policy=policy.default)
    return {
        "fields": [[name, str(value)] for name, value in message.items()],
        "parts": leaves(message),
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
    }


json.dump([read(base64.b64decode(text)) for text in json.load(sys.stdin)], sys.stdout)
