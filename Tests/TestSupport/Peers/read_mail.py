"""Reads mails with Python's email package, as a second opinion.

Standard input: a JSON array of base64 texts, a raw mail each.
Standard output: a JSON array of what the package sees in them.
"""

import base64
import json
import sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses


def addresses(raw, name):
    # Not by policy.default: some releases keep the space between two encoded words of a display name.
    value = message_from_bytes(raw, policy=policy.compat32)[name]
    return [[str(make_header(decode_header(phrase))), address] for phrase, address in getaddresses([value])]


def defects(message):
    found = [str(defect) for part in message.walk() for defect in part.defects]
    found += [f"{name}: {defect}" for name, value in message.items() for defect in value.defects]
    return found


def read(raw):
    message = message_from_bytes(raw, policy=policy.default)
    return {
        "from": addresses(raw, "From"),
        "to": addresses(raw, "To"),
        "subject": message["Subject"],
        "date": message["Date"].datetime.isoformat(),
        "messageID": message["Message-ID"],
        "fields": {name: value for name, value in message.items() if name.startswith(("X-", "Auto-"))},
        "type": message.get_content_type(),
        "texts": [
            {"type": part.get_content_type(), "text": part.get_content().replace("\r\n", "\n"), "encoding": part["Content-Transfer-Encoding"]}
            for part in message.walk()
            if not part.is_multipart()
        ],
        "defects": defects(message),
    }


mails = [base64.b64decode(text) for text in json.load(sys.stdin)]
json.dump([read(mail) for mail in mails], sys.stdout)
