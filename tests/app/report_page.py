#!/usr/bin/python3
"""The report (`cellwright explain`) in a browser: every number that it shows is the one of `trace` and `ledger`.

Usage: report_page.py CELLWRIGHT [--axe axe.min.js] [--screenshots FOLDER]
Exit 77 (skipped) where Chromium, its driver or selenium is missing. --axe: only look for what hinders a reader, in both
languages and themes (axe-core; `npm pack axe-core` has the file).
"""
import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WHO = ("the cat", "a dog", "the old man", "my sister")
DOES = ("sees", "likes", "finds", "follows")
WHAT = ("the moon", "a river", "the house", "nothing")
ARABIC = ("ذَهَبَ الوَلَدُ إِلَى المَدْرَسَةِ", "كَتَبَتِ البِنْتُ رِسَالَةً", "قَرَأَ الرَّجُلُ كِتَابًا", "سَأَلَ المُعَلِّمُ سُؤَالًا")


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def browser():
    chromium = next((p for p in map(shutil.which, CHROMIUM) if p), None)
    driver = shutil.which("chromedriver")
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        skip("no selenium (Debian: python3-selenium)")
    if not chromium or not driver:
        skip("no Chromium with its driver (Debian: chromium, chromium-driver)")
    options = Options()
    options.binary_location = chromium
    for flag in ("--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--window-size=1340,1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(driver), options=options)


def sentences(n):
    text, seed = "", 1
    for _ in range(n):
        seed = (seed * 1664525 + 1013904223) % 2**32
        text += f"{WHO[seed >> 30]} {DOES[(seed >> 28) & 3]} {WHAT[(seed >> 26) & 3]}.\n"
    return text


class Case:
    """A trained model, its report, and what `trace` and `ledger` say of the same text."""

    def __init__(self, app, folder, name, book, text, cell="lstm", units=12, layers=1, options=()):
        self.folder, self.app, self.text = folder, app, text
        self.model, self.page = (os.path.join(folder, name + end) for end in (".safetensors", ".html"))
        path = os.path.join(folder, name + ".txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(book)
        self.run("train", "text", path, "--cell", cell, "--units", units, "--layers", layers, "--embedding", 6, "--batch", 8,
                 "--steps", 20, "--epochs", 3, "--lr", 0.02, "--threads", 1, *options, "--out", self.model)
        self.trace = self.of("trace", self.model, "--text", text)
        self.lines = {k: v for k, v in self.trace["lines"].items()}
        self.run("explain", self.model, "--text", text, "--out", self.page)

    def run(self, *arguments):
        r = subprocess.run([self.app, *map(str, arguments)], capture_output=True, text=True)
        assert r.returncode == 0, r.stderr
        return r.stdout

    def of(self, *arguments):
        path = os.path.join(self.folder, "out.json")
        self.run(*arguments, "--out", path)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def as_float32(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def same(shown, value, what):
    assert as_float32(shown) == as_float32(value), f"{what}: the page has {shown}, trace {value}"


class Page:
    def __init__(self, driver, path):
        self.d = driver
        driver.get("file://" + path)
        for _ in range(600):
            if self.js("return document.documentElement.dataset.ready") == "yes":
                break
            time.sleep(0.05)
        log = driver.get_log("browser")
        assert self.js("return document.documentElement.dataset.ready") == "yes", (self.text("#status"), log)
        assert not log, log
        assert self.js("return performance.getEntriesByType('resource').length") == 0, "the page asks the network for something"

    def js(self, code, *arguments):
        return self.d.execute_script(code, *arguments)

    def all(self, selector):
        return self.d.find_elements("css selector", selector)

    def one(self, selector):
        return self.d.find_element("css selector", selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def press(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains
        actions = ActionChains(self.d)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def step(self):
        return int(self.js("return document.getElementById('step').value"))

    def unit(self):
        return int(self.js("return document.getElementById('unit').value"))

    def choose(self, selector, value):
        self.js("const e = document.querySelector(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('input', {bubbles: true}));"
                "e.dispatchEvent(new Event('change', {bubbles: true}));", selector, str(value))

    def bead(self, copy, part):
        """The number on the line that leaves a part, in one of the three copies of the cell."""
        return self.js("return [...document.querySelectorAll(`#diagram svg > g:nth-of-type(${arguments[0]}) .bead`)]"
                       ".find(b => b.dataset.part === arguments[1]).dataset.value", copy, part)

    def table(self):
        """name of a line: (value now, text now)"""
        return self.js("return Object.fromEntries([...document.querySelectorAll('#numbers tbody tr')].map(r => [r.cells[0].textContent, "
                       "[r.cells[1].firstChild.dataset.value, r.cells[1].textContent]]))")


def written(value):
    """As the page writes a number of the run."""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e5):
        return None
    return f"{value:.4f}".replace("-", "−")


def check_table(page, case, layer=0):
    step, unit, shown = page.step(), page.unit(), page.table()
    lines = {name.split(".", 2)[2]: rows for name, rows in case.lines.items() if name.startswith(f"layers.{layer}.")}
    assert set(shown) == set(lines), (set(shown), set(lines))
    for name, rows in lines.items():
        same(shown[name][0], rows[step][unit], f"{name}[{unit}] at step {step}")
        expected = written(as_float32(rows[step][unit]))
        assert expected is None or shown[name][1] in (expected, expected.lstrip("−")), (shown[name], expected)


def test_time(page, case, forward, back):
    from selenium.webdriver.common.keys import Keys
    last = len(case.trace["tokens"]) - 1
    page.choose("#step", 0)
    for key, expected in ((forward, 1), (Keys.SPACE, 2), (forward, 3), (back, 2), (Keys.END, last), (forward, last), (Keys.HOME, 0), (back, 0)):
        page.press(key)
        assert page.step() == expected, (key, page.step(), expected)
        check_table(page, case)
    page.choose("#step", 5)
    unit = page.unit()
    page.js("document.activeElement.blur()")
    page.press(Keys.ARROW_DOWN)
    assert page.unit() != unit
    check_table(page, case)
    page.one("#forward").click()
    assert page.step() == 6


def test_nodes(page, case):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    page.choose("#step", 7)
    page.choose("#unit", 4)
    for name in ("f", "o", "h", "C"):
        node = page.js("return document.getElementById('cell.' + arguments[0])", name)
        page.d.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", node)
        if name in ("f", "C"):
            ActionChains(page.d).move_to_element(node.find_element("css selector", "rect")).click().perform()
        else:
            page.js("arguments[0].focus()", node)
            page.press(Keys.ENTER)
        shown = page.js("const all = document.querySelectorAll('#equation .num'); return all[all.length - 1].dataset.value")
        same(shown, case.lines["layers.0." + name][7][4], f"the equation of {name}")
        same(page.bead(2, name), case.lines["layers.0." + name][7][4], f"the bead of {name}")
    equation = page.text("#equation")
    assert "f ⊙ C[t-1] + i ⊙ C̃" in equation, equation
    # Its neighbours carry the steps beside it.
    for copy, step in ((1, 6), (3, 8)):
        same(page.bead(copy, "f"), case.lines["layers.0.f"][step][4], "the neighbour's f")


def test_ledger(page, case):
    page.choose("#step", 9)
    page.choose("#unit", 2)
    account = case.of("ledger", case.model, "--text", case.text, "--layer", 0, "--unit", 2, "--step", 9, "--state", "C")
    rows = page.js("return [...document.querySelectorAll('#ledger tr[data-step]')].map(r => [r.dataset.step, ...[...r.querySelectorAll('.num')].map(n => n.dataset.value)])")
    assert rows
    for step, put, kept, left in rows:
        entry = account["entries"][int(step)]
        assert abs(float(put) - sum(entry["put"])) < 1e-6 and abs(float(kept) - entry["kept"]) < 1e-6, (entry, put, kept)
        assert abs(float(left) - sum(entry["left"])) < 1e-6, (entry, left)
    total, value = (float(x) for x in page.js("return [...document.querySelectorAll('#ledger .sum .num')].map(n => n.dataset.value)"))
    assert abs(total - value) < 1e-5 and abs(value - account["value"]) < 1e-6, (total, value, account["value"])


def test_language(page, case, to, direction):
    before, numbers = page.text("h2"), page.table()
    page.one("#language").click()
    assert page.js("return [document.documentElement.lang, document.documentElement.dir]") == [to, direction]
    assert page.text("h2") != before
    assert page.table() == numbers
    check_table(page, case)
    empty = page.js("return [...document.querySelectorAll('[data-word]')].filter(e => !e.textContent.trim()).length")
    assert empty == 0


def test_joined(page):
    """A word coloured letter by letter is as wide as in one piece: its letters are joined."""
    widths = page.js("""
      const box = document.getElementById('text'), style = getComputedStyle(box), plain = document.createElement('span');
      plain.style.font = style.font; plain.style.whiteSpace = 'pre'; plain.dir = 'rtl'; plain.style.position = 'absolute';
      const word = box.textContent.split(' ')[0];
      plain.textContent = word; document.body.append(plain);
      const range = document.createRange(), spans = [];
      let length = 0;
      for (const span of box.children) { if (length >= word.length) break; length += span.textContent.length; spans.push(span); }
      range.setStartBefore(spans[0]); range.setEndAfter(spans[spans.length - 1]);
      plain.textContent = spans.map(s => s.textContent).join('');
      const apart = spans.reduce((sum, s) => { const alone = plain.cloneNode(); alone.textContent = s.textContent; document.body.append(alone); const w = alone.getBoundingClientRect().width; alone.remove(); return sum + w; }, 0);
      const result = [range.getBoundingClientRect().width, plain.getBoundingClientRect().width, apart];
      plain.remove();
      return result;""")
    assert abs(widths[0] - widths[1]) < 0.5, widths
    assert abs(widths[0] - widths[2]) > 2, ("letters that stand alone should be wider", widths)


def test_layers(page, case):
    for layer in (1, 0):
        page.choose("#layer", layer)
        check_table(page, case, layer)


def test_order(page):
    for value in page.js("return [...document.querySelectorAll('#order option')].map(o => o.value)"):
        page.choose("#order", value)
        labels = page.js("return [...document.querySelectorAll('#maps canvas')].map(c => c.getAttribute('aria-label'))")
        assert labels and all(labels), labels
    for value in page.js("return [...document.querySelectorAll('#tint option')].map(o => o.value)"):
        page.choose("#tint", value)
        assert page.text("#tint-says")


def look_with_axe(page, path, where):
    with open(path, encoding="utf-8") as file:
        page.js(file.read())
    found = page.d.execute_async_script("const done = arguments[arguments.length - 1]; axe.run(document).then(r => done(r.violations), e => done([{id: 'error', help: String(e), nodes: []}]))")
    for v in found:
        print(f"{where}: {v['id']}: {v['help']}")
        for node in v["nodes"][:4]:
            print("    ", node["html"][:160], "|", node.get("failureSummary", "")[:300].replace("\n", " "))
    return len(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("app")
    parser.add_argument("--axe")
    parser.add_argument("--screenshots")
    options = parser.parse_args()
    driver = browser()
    try:
        from selenium.webdriver.common.keys import Keys
        with tempfile.TemporaryDirectory() as folder:
            english = Case(options.app, folder, "english", sentences(300), "the cat sees the moon.\nmy sis")
            arabic = Case(options.app, folder, "arabic", "\n".join(ARABIC[i % 4] for i in range(200)), "كَتَبَتِ البِنْتُ رِسَالَةً")
            if options.axe:
                found = 0
                for case, name in ((english, "English text"), (arabic, "Arabic text")):
                    page = Page(driver, case.page)
                    for language in ("en", "ar"):
                        for theme in ("light", "dark"):
                            found += look_with_axe(page, options.axe, f"{name}, interface {language}, {theme}")
                            page.one("#theme").click()
                        page.one("#language").click()
                version = page.js("return axe.version")
                print(f"axe-core {version}: {found} violations in 2 texts × 2 languages × 2 themes")
                sys.exit(1 if found else 0)
            page = Page(driver, english.page)
            test_time(page, english, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
            test_nodes(page, english)
            test_ledger(page, english)
            test_order(page)
            test_language(page, english, "ar", "rtl")
            test_language(page, english, "en", "ltr")
            page = Page(driver, arabic.page)
            assert page.js("return document.getElementById('text').dir") == "rtl"
            test_joined(page)
            test_time(page, arabic, Keys.ARROW_LEFT, Keys.ARROW_RIGHT)
            test_nodes(page, arabic)
            # With zoneout a state is a mixture, not its line of the step before.
            zoneout = Case(options.app, folder, "zoneout", sentences(60), "the cat sees.", units=6, options=("--zoneout", 0.2))
            page = Page(driver, zoneout.page)
            page.choose("#step", 4)
            check_table(page, zoneout)
            page.choose("#belt", page.js("return [...document.querySelectorAll('#belt option')].find(o => o.textContent === 'C').value"))
            test_ledger(page, zoneout)
            for cell in ("gru", "rnn"):
                two = Case(options.app, folder, cell, sentences(60), "the cat sees.", cell=cell, units=8, layers=2)
                page = Page(driver, two.page)
                test_layers(page, two)
                test_order(page)
            print("ok")
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
