"""The page of answers in Debian's chromium: sorting, filters, narrow screens, dark, print; nothing is asked of a
network."""

import chromium
import made_report
import pytest
import synthetic_tables

pytestmark = pytest.mark.skipif(
    not chromium.PROGRAM, reason="chromium is not installed (apt-get install chromium)"
)
METHODS = [
    "cross_entropy", "mae", "mse", "unhinged", "ramp", "warp", "gce", "sce", "nce_rce", "elr", "sop", "mixup",
    "cascade", "co_teaching", "noise_layer", "nnaqc", "volminnet", "forward_estimated",
]  # fmt: skip
HEADS = "[...document.querySelectorAll('#methods thead button')]"
ROWS = "[...document.querySelectorAll('#methods tbody tr')].filter(row => !row.hidden)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """With a table long enough to be filtered."""
    found = synthetic_tables.make(METHODS, made_report.CELLS, seeds=2, epochs=2)
    params = made_report.make_params()
    params["methods"] = {name: {} for name in METHODS}
    reports = made_report.make_reports(found, tmp_path_factory.mktemp("browser"))
    made_report.write(reports, params)
    return reports / "digits" / "index.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = chromium.Chromium(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


def column(browser, name):
    at = browser.js(f"{HEADS}.findIndex(head => head.textContent === '{name}')")
    return browser.js(f"{ROWS}.map(row => row.cells[{at}].textContent)")


def press(browser, name):
    browser.js(f"{HEADS}.find(head => head.textContent === '{name}').click()")


def number(text):
    return float(text.replace("−", "-").strip("▲▼ "))


def test_a_table_is_sorted_by_a_column_both_ways(browser, page):
    browser.open(page)
    for name in ("symmetric 0.4", "mean"):
        press(browser, name)
        values = [number(text) for text in column(browser, name)]
        assert values == sorted(values, reverse=True) and len(set(values)) > 3
        press(browser, name)
        assert [number(text) for text in column(browser, name)] == sorted(values)
    press(browser, "name")
    press(browser, "name")
    names = column(browser, "name")
    assert names == sorted(names, key=str.lower)
    assert browser.js("document.querySelectorAll('#methods [aria-sort]').length") == 1


def test_a_table_is_filtered_by_family_and_by_what_is_typed(browser, page):
    browser.open(page)
    family = "Robust losses"
    choose = "document.querySelector('#methods .sortable select')"
    browser.js(f"{choose}.value = '{family}'; {choose}.dispatchEvent(new Event('change'))")
    assert set(column(browser, "family")) == {family} and len(column(browser, "family")) == 8
    find = "document.querySelector('#methods .sortable input')"
    browser.js(f"{find}.value = 'gce'; {find}.dispatchEvent(new Event('input'))")
    assert len(column(browser, "name")) == 1
    browser.js(f"{choose}.value = ''; {choose}.dispatchEvent(new Event('change'))")
    browser.js(f"{find}.value = ''; {find}.dispatchEvent(new Event('input'))")
    assert len(column(browser, "name")) == len(METHODS) - 1


def told(browser):
    return browser.text("#methods output")


def facts(browser, at):
    """What the chart has to say of a row of the table, as it stands there now."""
    names = browser.js(f"{HEADS}.map(head => head.textContent)")
    texts = browser.js(f"{ROWS}[{at}] && [...{ROWS}[{at}].cells].map(cell => cell.textContent)")
    return texts[0], [f"{name} {text}" for name, text in list(zip(names, texts, strict=True))[1:]]


def test_the_chart_tells_a_row_that_is_chosen_by_keys(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    name, numbers = facts(browser, 0)
    assert told(browser) == f"{name}: {', '.join(numbers)}"
    browser.js("document.querySelector('#methods .chart select').focus()")
    browser.press("ArrowDown")
    name, numbers = facts(browser, 1)
    assert told(browser) == f"{name}: {', '.join(numbers)}" and len(numbers) == 7


def test_the_chart_tells_the_line_that_is_pointed_at_and_keeps_one_that_is_clicked(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    first, seen = told(browser), set()
    for place in (0.05, 0.35, 0.65):
        where = browser.js(
            "(() => { const svg = document.querySelector('#methods .chart svg'); svg.scrollIntoView();"
            "const box = svg.getBoundingClientRect();"
            f"return [box.left + box.width * 0.8, box.top + box.height * {place}] }})()"
        )
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=where[0], y=where[1])
        seen.add(told(browser))
    assert len(seen) > 1  # high up another method than low down
    click = {"x": where[0], "y": where[1], "button": "left", "clickCount": 1}
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, **click)
    kept = told(browser)
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    assert told(browser) == kept
    at = int(browser.js("document.querySelector('#methods .chart select').value"))
    assert kept.startswith(f"{facts(browser, at)[0]}: ") and (kept != first or at == 0)


def test_lines_are_where_the_numbers_are_and_go_with_their_rows(browser, page):
    """Of two methods the one with more points has the higher line, in every noise cell."""
    browser.open(page)
    lines = "[...document.querySelectorAll('#methods .chart .row')]"
    points = browser.js(
        f"{lines}.map(line => line.getAttribute('points').split(' ').map(at => +at.split(',')[1]))"
    )
    for at, name in enumerate(("no noise", "pair flip 0.45", "symmetric 0.4")):
        values = [number(text) for text in column(browser, name)]
        heights = [line[at] for line in points]
        for one, two in zip(zip(values, heights, strict=True), zip(values[1:], heights[1:], strict=False)):
            assert (one[0] - two[0]) * (one[1] - two[1]) <= 0
    find = "document.querySelector('#methods .sortable input')"
    browser.js(f"{find}.value = 'gce'; {find}.dispatchEvent(new Event('input'))")
    assert len(browser.js(f"{lines}.filter(line => line.style.display !== 'none').map(line => 1)")) == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_only_what_is_cut_is_a_stop_of_the_tab_key(browser, page, width):
    browser.size(width, 900)
    for path in (page, page.parent / "more" / "accuracy.html"):
        browser.open(path).js("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        boxes = browser.js(
            "[...document.querySelectorAll('.scroll, .paper')].filter(box => box.checkVisibility()).map(box => "
            "[box.tabIndex, box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight])"
        )
        assert boxes and [index == 0 for index, _ in boxes] == [cut for _, cut in boxes], path.name


def test_nothing_is_told_of_rows_that_a_filter_hides(browser, page):
    browser.open(page)
    find = "document.querySelector('#methods .sortable input')"
    browser.js(f"{find}.value = 'gce'; {find}.dispatchEvent(new Event('input'))")
    assert told(browser) == "" and browser.js("document.querySelector('.chart .chosen').childElementCount") == 0
    browser.js(f"{find}.value = 'no such'; {find}.dispatchEvent(new Event('input'))")
    for kind in ("pointermove", "click"):
        event = f"new PointerEvent('{kind}', {{ clientX: 300, clientY: 300 }})"
        browser.js(f"document.querySelector('#methods .chart svg').dispatchEvent({event})")
        assert told(browser) == ""
    browser.js(f"{find}.value = ''; {find}.dispatchEvent(new Event('input'))")
    assert told(browser)


def test_contents_stay_in_sight_and_hide_nothing_that_a_link_leads_to(browser, page):
    browser.size(1440, 900)
    for path in (page.parent / "more" / "accuracy.html", page.parents[1] / "columns.html"):
        browser.open(path).js("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        top, bottom, target, scrolled = browser.js(
            "(() => { document.body.style.paddingBottom = '100rem';"
            "const far = one => one.checkVisibility() && one.getBoundingClientRect().top > 300;"
            "const one = [...document.querySelectorAll('main [id]')].find(far); one.scrollIntoView();"
            "const nav = document.querySelector('nav.contents').getBoundingClientRect();"
            "return [nav.top, nav.bottom, one.getBoundingClientRect().top, scrollY]; })()"
        )
        assert scrolled > 100 and top == 0 and bottom < target < bottom + 20, path.name


def test_without_scripts_what_scrolls_is_a_stop_of_the_tab_key(page):
    for path in (page, page.parent / "more" / "accuracy.html", page.parents[1] / "columns.html"):
        text = path.read_text()
        assert text.count('class="scroll"') == text.count('class="scroll" tabindex="0"') > 0


def test_figures_keep_their_size_on_a_phone(browser, page):
    """Their letters would be 4 px high else: they scroll within their frame."""
    browser.size(390, 900)
    browser.open(page.parent / "more" / "accuracy.html")
    wide = "[...document.querySelectorAll('.paper img')].map(image => [image.width, image.naturalWidth])"
    browser.js("document.querySelectorAll('.paper img').forEach(image => { image.loading = 'eager' })")
    browser.js("Promise.all([...document.images].map(image => image.decode()))")
    assert browser.js(wide) and all(shown == natural for shown, natural in browser.js(wide))


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_is_scrolled_sideways_but_tables(browser, page, width):
    for path in (page, *sorted((page.parent / "more").glob("*.html"))):
        browser.size(width, 900)
        browser.open(path)
        wide = browser.js("document.documentElement.scrollWidth")
        assert wide <= width, path.name


def test_at_most_six_screens(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    assert browser.js("document.documentElement.scrollHeight") <= 6 * 900


def test_figures_follow_a_dark_page(browser, page):
    browser.open(page)
    ink = "getComputedStyle(document.querySelector('.panels svg text')).fill"
    light = browser.js(ink)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.js(ink) != light
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_folds_are_open_in_print(browser, page):
    browser.open(page.parent / "more" / "accuracy.html")
    count = browser.js("document.querySelectorAll('details').length")
    assert count and browser.js("document.querySelectorAll('details[open]').length") == 0
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("document.querySelectorAll('details[open]').length") == count


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault(browser, page, axe, dark):
    browser.size(1440, 900, dark)
    for path in (page, *sorted((page.parent / "more").glob("*.html")), page.parents[1] / "index.html"):
        browser.open(path).js(axe)
        run = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
        found = browser.js(f"{run}.then(of => of.violations.map(one => [one.id, one.nodes.map(n => n.html)]))")
        assert found == [], f"{path.name}: {found}"


def test_nothing_is_asked_of_a_network(browser, page):
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(page)
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert browser.complaints == []
