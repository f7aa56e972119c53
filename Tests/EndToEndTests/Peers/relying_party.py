"""A relying party made with Authlib, and the browser that it sends to the provider.

Reads a JSON object on standard input: issuer, client (id, secret, redirect URI, post-logout URI), links (paths) of Anna, and the command
that rotates the signing keys. Prints each step; ends with 1 and the reason at the first one that is not as it should be.
"""

import html
import json
import re
import subprocess
import sys
import time
import traceback
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.jose.errors import JoseError
from authlib.oidc.core import CodeIDToken

given = json.load(sys.stdin)
issuer, client = given["issuer"], given["client"]


def step(text):
    print(text, flush=True)


class Browser:
    """Follows redirects up to the relying party's own addresses."""

    def __init__(self):
        self.session = requests.Session()

    def open(self, url):
        return self.follow(self.session.get(url, allow_redirects=False))

    def follow(self, response):
        for _ in range(10):
            if response.status_code == 303:
                target = response.headers["Location"]
            elif "Refresh" in response.headers:
                target = response.headers["Refresh"].removeprefix("0; url=")
            else:
                return response
            url = requests.compat.urljoin(response.url, target)
            if not url.startswith(issuer):
                return url
            response = self.session.get(url, allow_redirects=False)
        raise AssertionError("sent round in circles")

    def press(self, page):
        action = html.unescape(re.search(r'action="([^"]+)"', page.text)[1])
        proof = re.search(r'name="form" value="([^"]+)"', page.text)[1]
        url = requests.compat.urljoin(page.url, action)
        return self.follow(self.session.post(url, data={"form": proof}, allow_redirects=False))


class RelyingParty:
    def __init__(self, method):
        self.metadata = requests.get(issuer + "/.well-known/openid-configuration").json()
        assert self.metadata["issuer"] == issuer, self.metadata
        assert method in self.metadata["token_endpoint_auth_methods_supported"]
        self.keys = JsonWebKey.import_key_set(requests.get(self.metadata["jwks_uri"]).json())
        self.oauth = OAuth2Session(
            client["id"],
            client["secret"],
            scope="openid profile email otalink_ticket",
            redirect_uri=client["redirectURI"],
            token_endpoint_auth_method=method,
            code_challenge_method="S256",
        )

    def start(self, **more):
        self.nonce, self.verifier = generate_token(), generate_token(48)
        url, self.state = self.oauth.create_authorization_url(
            self.metadata["authorization_endpoint"], nonce=self.nonce, code_verifier=self.verifier, **more
        )
        return url

    def answer(self, url):
        assert isinstance(url, str), f"{url.status_code} {url.text}"
        assert url.startswith(client["redirectURI"]), url
        answer = parse_qs(urlsplit(url).query)
        assert answer["iss"] == [issuer] and answer["state"] == [self.state], answer
        return answer

    def finish(self, url):
        self.answer(url)
        token = self.oauth.fetch_token(
            self.metadata["token_endpoint"], authorization_response=url, state=self.state, code_verifier=self.verifier
        )
        self.token = token["id_token"]
        return self.verify(token)

    def verify(self, token):
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client["id"]},
        }
        parameters = {"nonce": self.nonce, "client_id": client["id"], "access_token": token["access_token"]}
        claims = jwt.decode(
            token["id_token"], self.keys, claims_cls=CodeIDToken, claims_options=options, claims_params=parameters
        )
        claims.validate(leeway=2)
        info = self.oauth.get(self.metadata["userinfo_endpoint"])
        assert info.status_code == 200 and info.json()["sub"] == claims["sub"], info.text
        assert info.json()["preferred_username"] == claims["preferred_username"] == "anna@example.org", claims
        assert claims["otalink_ticket"] and "@" not in claims["sub"], claims
        return claims


def sign_in(method, link):
    step(f"sign-in through a mailed link, {method}")
    browser, party = Browser(), RelyingParty(method)
    page = browser.open(party.start())
    assert "wants to know who you are" in page.text, page.text
    claims = party.finish(browser.press(browser.open(issuer + link)))
    step("  once more, and without a page")
    assert party.finish(browser.open(party.start()))["sub"] == claims["sub"]
    assert party.finish(browser.open(party.start(prompt="none", id_token_hint=party.token)))["sub"] == claims["sub"]
    return browser, party, claims


def rotate(browser, party):
    step("the keys are rotated: the old key set does not do, the new one does")
    subprocess.run(given["rotate"], check=True, stdout=subprocess.DEVNULL)
    url = browser.open(party.start())
    old = party.keys
    party.keys = JsonWebKey.import_key_set(requests.get(party.metadata["jwks_uri"]).json())
    party.finish(url)
    try:
        jwt.decode(party.token, old)
    except (JoseError, ValueError):
        return
    raise AssertionError("the old key set verified the new token")


def sign_out(browser, party):
    step("logout, and nobody is signed in")
    uri = client["postLogoutRedirectURI"]
    left = browser.open(
        requests.Request(
            "GET",
            party.metadata["end_session_endpoint"],
            params={"id_token_hint": party.token, "post_logout_redirect_uri": uri, "state": "bye & bye"},
        )
        .prepare()
        .url
    )
    assert isinstance(left, str) and left.startswith(uri), left
    assert parse_qs(urlsplit(left).query)["state"] == ["bye & bye"], left
    # Within a second, and on a busy machine a little later.
    start = time.monotonic()
    while party.oauth.get(party.metadata["userinfo_endpoint"]).status_code != 401:
        assert time.monotonic() < start + 10, "the access token outlives its session"
    answer = party.answer(browser.open(party.start(prompt="none")))
    assert answer["error"] == ["login_required"], answer


try:
    subjects = set()
    for method, link in zip(["client_secret_basic", "client_secret_post"], given["links"]):
        browser, party, claims = sign_in(method, link)
        subjects.add(claims["sub"])
        rotate(browser, party)
        sign_out(browser, party)
    assert len(subjects) == 1, subjects
    step("all as it should be")
except Exception:
    traceback.print_exc()
    sys.exit(1)
