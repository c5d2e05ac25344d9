"""The review page as people use it: what they press, and what comes out."""

import csv
import time

import numpy as np


def at(id_):
    return f"document.getElementById('{id_}')"


def exported(browser, name="rechecked.csv"):
    """Rows of what the page exports when its key is pressed."""
    (browser.files / name).unlink(missing_ok=True)
    browser.press("E" if name == "corrected.csv" else "e")
    with browser.exported(name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def until(browser, selector, words):
    end = time.monotonic() + 20
    while words not in browser.text(selector):
        assert time.monotonic() < end, browser.text(selector)
        time.sleep(0.02)


def suspects(of, page, told=True):
    """Cards with a suggestion, or those without."""
    kind = np.array(page["cards"]["kind"])
    return np.flatnonzero((kind == 0) == told).tolist()


def go(browser, card):
    """To a card, with arrows alone."""
    while int(browser.text("#place").split(":")[0].replace(",", "")) != card + 1:
        browser.press("ArrowRight")
