"""A customer with a real browser, Chromium, at a site that signs customers in by OpenID Connect.

Reads a JSON object on standard input: site and service (addresses), links (paths) of Anna, whether a
button lies between service and site, and whether the site is the desk. Prints each step; ends with 1 and the reason at the first one that is not as it should be.
"""

import json
import sys
import traceback

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

given = json.load(sys.stdin)


class Browser:
    def __init__(self):
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--lang=en"):
            options.add_argument(argument)
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def heading(self):
        found = self.driver.find_elements(By.TAG_NAME, "h1")
        return found[0].text.replace("\n", " ") if found else ""

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def press(self, label):
        self.wait(lambda: label in [button.text for button in self.buttons()], f"the button {label}")
        next(button for button in self.buttons() if button.text == label).click()

    def buttons(self):
        return self.driver.find_elements(By.TAG_NAME, "button")

    def wait(self, condition, what):
        try:
            waiting = WebDriverWait(self.driver, 60, 0.05, ignored_exceptions=[StaleElementReferenceException])
            waiting.until(lambda _: condition())
        except Exception as error:
            log = [entry["message"] for entry in self.driver.get_log("browser")]
            raise AssertionError(f"{what} did not come; {self.driver.current_url}: {self.text()} {log}") from error

    def await_site(self):
        if given["handOver"]:
            self.press("Continue")
        self.wait(lambda: self.heading() == "Members only", "the site")


def step(text):
    print(text, flush=True)


try:
    first, second = given["links"]
    with Browser() as anna:
        step("from the link to the site, which asks who it is")
        if not given["isDesk"]:
            anna.driver.get(given["site"] + "/")
        anna.driver.get(given["service"] + first)
        anna.press("Open my ticket")
        anna.await_site()
        anna.driver.get(given["site"] + "/")
        anna.wait(lambda: anna.heading() == "Members only", "the site again")
    with Browser() as anna:
        step("from the site to the page for a link, and with the link on to the site")
        anna.driver.get(given["site"] + "/wanted")
        anna.wait(lambda: "wants to know who you are" in anna.text(), "the page for a link")
        anna.driver.get(given["service"] + second)
        anna.press("Open my ticket")
        anna.await_site()
        assert anna.driver.current_url == given["site"] + "/wanted", anna.driver.current_url
        step("signed out at the site, and here")
        anna.driver.get(given["site"] + "/oidc/callback?logout=" + given["site"] + "/bye")
        anna.wait(lambda: anna.heading() == "Good bye", "the page after signing out")
        # Not from the browser's cache.
        anna.driver.get(given["site"] + "/wanted?again")
        anna.wait(lambda: "wants to know who you are" in anna.text(), "the page for a link")
    step("all as it should be")
except Exception:
    traceback.print_exc()
    sys.exit(1)
