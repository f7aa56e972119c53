"""A customer with a real browser, Chromium: from the webmail page to the ticket at the desk.

Reads a JSON object on standard input: port of the proxy, links (paths) of Anna, each with the number of its
ticket, one of Bert, and the directory for screenshots. Prints each step; ends with 1 and the reason at the first one that is not as it should be.
"""

import http.server
import json
import os
import sys
import threading
import traceback

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PHONE = (390, 844)
DESKTOP = (1280, 800)
given = json.load(sys.stdin)


class Webmail(http.server.BaseHTTPRequestHandler):
    """A page on another origin, with the link as webmail programs show it."""

    def do_GET(self):
        path = self.path
        body = f'<title>Webmail</title><p>See your ticket: <a href="https://desk.example.org{path}">link</a>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


webmail = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webmail)
threading.Thread(target=webmail.serve_forever, daemon=True).start()


class Browser:
    """One profile: what two of these have in common is nothing."""

    def __init__(self, size=DESKTOP, scheme="light", javascript=True):
        options = Options()
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--hide-scrollbars",
            "--lang=en",
            "--host-resolver-rules="
            f"MAP desk.example.org:443 127.0.0.1:{given['port']},"
            f"MAP webmail.example.net:80 127.0.0.1:{webmail.server_address[1]}",
        ):
            options.add_argument(argument)
        options.set_capability("acceptInsecureCerts", True)
        if not javascript:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.name = f"{size[0]}-{scheme}"
        self.size, self.scheme = size, scheme
        self.emulate()

    def emulate(self):
        """Size and scheme, of the window that is in front."""
        width, height = self.size
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": self.size is PHONE},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": self.scheme}]}
        )

    def new_tab(self):
        self.driver.switch_to.new_window("tab")
        self.emulate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, path):
        self.driver.get("https://desk.example.org" + path)

    def open_from_webmail(self, path):
        self.driver.get("http://webmail.example.net" + path)
        self.driver.find_element(By.LINK_TEXT, "link").click()
        self.wait(lambda: self.heading() == "Open your ticket", "the confirm page")

    def heading(self):
        found = self.driver.find_elements(By.TAG_NAME, "h1")
        return found[0].text.replace("\n", " ") if found else ""

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def press(self, label):
        for button in self.driver.find_elements(By.CSS_SELECTOR, "button, a.button"):
            if button.text.replace("\n", " ") == label:
                button.click()
                return
        raise AssertionError(f"there is no button “{label}” on “{self.heading()}”: {self.text()}")

    def wait(self, condition, what):
        try:
            # The page may be replaced while it is looked at.
            waiting = WebDriverWait(self.driver, 60, 0.05, ignored_exceptions=[StaleElementReferenceException])
            waiting.until(lambda _: condition())
        except Exception as error:
            raise AssertionError(f"{what} did not come; there is {self.driver.current_url}: {self.text()}") from error

    def await_desk(self, login):
        self.wait(lambda: self.heading() == "Demo desk: customers", "the desk")
        assert f"Signed in\n{login}" in self.text(), self.text()

    def shoot(self, page):
        width = self.driver.execute_script("return document.documentElement.scrollWidth")
        # The stand-in desk's pages are made for no phone.
        assert width <= self.size[0] or page == "desk", f"“{self.heading()}” is {width} wide"
        os.makedirs(given["screenshots"], exist_ok=True)
        self.driver.save_screenshot(f"{given['screenshots']}/{page}-{self.name}.png")


def step(text):
    print(text, flush=True)


def whole_way(links):
    """Click, confirm, desk; back, reload, second tab."""
    for size, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")):
        with Browser(size, scheme) as anna:
            step(f"the whole way, {anna.name}")
            link, ticket = links.pop()
            anna.open_from_webmail(link)
            anna.shoot("confirm")
            anna.press("Open my ticket")
            anna.await_desk("anna@example.org")
            zoom = f"Action=CustomerTicketZoom;TicketNumber={ticket}"
            assert anna.driver.current_url.endswith(zoom), anna.driver.current_url
            cookies = {cookie["name"]: cookie for cookie in anna.driver.get_cookies()}
            assert cookies["__Host-otalink"]["secure"] and cookies["__Host-otalink"]["httpOnly"], cookies
            anna.shoot("desk")

            step("  back, and once more")
            anna.driver.back()
            anna.wait(lambda: anna.heading() == "Open your ticket", "the confirm page")
            anna.press("Open my ticket")
            anna.await_desk("anna@example.org")

            step("  reload, and a second tab")
            anna.driver.refresh()
            anna.await_desk("anna@example.org")
            anna.new_tab()
            anna.open(f"/otobo/customer.pl?{zoom}")
            anna.await_desk("anna@example.org")

            step("  our own pages")
            anna.open(f"/otalink/t/{ticket}")
            assert "Printer on fire" in anna.text(), anna.text()
            anna.shoot("ticket")
            anna.open("/otalink/sessions")
            assert "this browser" in anna.text(), anna.text()
            anna.shoot("sessions")
            anna.press("Sign out everywhere")
            anna.wait(lambda: anna.heading() == "You are signed out", "the sign-out")
            anna.shoot("signed-out")


def private_window(link):
    step("a private window: the link was used, a new one is mailed")
    with Browser() as anna:
        anna.open_from_webmail(link)
        anna.press("Open my ticket")
        anna.await_desk("anna@example.org")
    with Browser(PHONE, "dark") as private:
        private.open_from_webmail(link)
        private.press("Open my ticket")
        private.wait(lambda: private.heading() == "Please check your email", "the page of the new link")
        private.shoot("new-link")


def other_account(link, of_bert):
    step("another account: asked first, stay, then go on")
    with Browser(PHONE) as browser:
        browser.open_from_webmail(link)
        browser.press("Open my ticket")
        browser.await_desk("anna@example.org")
        browser.open_from_webmail(of_bert)
        browser.press("Open my ticket")
        browser.wait(lambda: browser.heading() == "Switch to another account?", "the question")
        browser.shoot("account-question")
        browser.press("Stay signed in as Anna Example")
        browser.await_desk("anna@example.org")
        browser.open_from_webmail(of_bert)
        browser.press("Open my ticket")
        browser.wait(lambda: browser.heading() == "Switch to another account?", "the question")
        browser.press("Go on as Bert Example")
        browser.await_desk("bert@example.org")


def without_javascript(link):
    step("JavaScript off")
    with Browser(PHONE, javascript=False) as anna:
        anna.open_from_webmail(link)
        anna.press("Open my ticket")
        anna.await_desk("anna@example.org")


try:
    ways = [(way["link"], way["ticket"]) for way in given["links"]]
    whole_way(ways)
    private_window(ways.pop()[0])
    other_account(ways.pop()[0], given["linkOfBert"])
    without_javascript(ways.pop()[0])
    step("all as it should be")
except Exception:
    traceback.print_exc()
    sys.exit(1)
