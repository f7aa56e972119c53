"""What schemathesis cannot know of the JSON interface: what a mail looks like, and whom the demonstration's desk knows."""

import os
import re

import schemathesis
from hypothesis import strategies as st

TICKET = os.environ["OTALINK_API_CHECK_TICKET"]
CUSTOMER = os.environ["OTALINK_API_CHECK_CUSTOMER"]

lines = st.sampled_from(
    [
        b"From: Anna Example <anna.example@example.com>",
        b"From: a@example.com, b@example.com",
        b"From: =?utf-8?Q?=FF?= <x@example.org>",
        b"To: " + CUSTOMER.encode(),
        b"To: x@example.org\r\n\tfolded",
        b"Subject: [Ticket#" + TICKET.encode() + b"] hello",
        b"X-OTOBO-CustomerUser: somebody-else",
        b"X-OTOBO-Queue : Junk",
        b"Auto-Submitted: auto-replied",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: text/html; charset=nonsense",
        b"Content-Transfer-Encoding: base64",
        b"Message-ID: <" + b"x" * 300 + b"@example.org>",
        b"no field at all",
    ]
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"<OTOBO_OTACustomerTicketLink>\r\n",
            b"--b\r\nContent-Type: text/plain\r\n\r\n<OTOBO_OTACustomerTicketLink>\r\n--b--\r\n",
            b"otalink:ticket=" + TICKET.encode() + b";customer=" + CUSTOMER.encode() + b"\r\n",
            b"b\xe4d\n\rbytes\r\r\n\x00",
        ]
    ),
)
mails = st.builds(lambda head, body: b"\r\n".join(head) + b"\r\n\r\n" + body, st.lists(lines, max_size=6), bodies)
schemathesis.openapi.media_type("message/rfc822", mails)


@schemathesis.deserializer("message/rfc822")
def mail(ctx, response):
    """A message is bytes; as a text it can be held against the schema."""
    return response.content.decode("latin-1")


@schemathesis.hook
def map_body(ctx, body):
    """Every other proper call for a link is one that can be granted."""
    call = isinstance(body, dict) and set(body) == {"ticketNumber", "customerLogin"}
    if not call or not all(isinstance(value, str) for value in body.values()):
        return body
    number, login = body["ticketNumber"], body["customerLogin"]
    is_proper = re.fullmatch("[A-Za-z0-9_-]{1,50}", number) and re.fullmatch(r"[^\x00-\x1f\x7f]{1,200}", login)
    if is_proper and len(login) % 2:
        return {"ticketNumber": TICKET, "customerLogin": CUSTOMER}
    return body
