import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Dialog, sync_playwright

from research_repo.core import prose
from tests.core import hostile


class Reader(HTMLParser):
    """Notes every tag and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


ALLOWED_TAGS = set(
    "p br hr blockquote pre ul ol li h2 h3 h4 h5 h6 table thead tbody tr th td a strong em code".split()
)
ALLOWED_ATTRIBUTES = {
    ("a", "href"),
    ("a", "title"),
    ("a", "rel"),
    ("ol", "start"),
    ("th", "align"),
    ("td", "align"),
}


def is_safe(html: str) -> bool:
    seen = Reader(html)
    schemes = [address.split(":")[0].lower() for address in seen.addresses if ":" in address]
    return (
        seen.tags <= ALLOWED_TAGS
        and seen.attributes <= ALLOWED_ATTRIBUTES
        and not any("script" in scheme or scheme.strip() == "data" for scheme in schemes)
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Uses **tables** and _search_", "<p>Uses <strong>tables</strong> and <em>search</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("```\nif a < b:\n```", "<pre><code>if a &lt; b:\n</code></pre>"),
        ("> «Не нашёл» 🙂", "<blockquote>\n<p>«Не нашёл» 🙂</p>\n</blockquote>"),
        ("", ""),
        ("  \n\n ", ""),
    ],
)
def test_a_note_is_shown_as_it_was_meant(text, html):
    assert prose.render(text) == html


def test_a_table_keeps_its_alignment_without_styles():
    html = prose.render("| n | share |\n|:--|--:|\n| 8 | 40 % |")
    assert '<td align="right">40 %</td>' in html
    assert "style" not in html


def test_html_in_a_note_is_shown_as_it_was_typed():
    html = prose.render("They typed <nobr>x</nobr> & got <b>nothing</b>\n\n<div>whole</div>")
    assert prose.words_of(html) == (
        "They typed <nobr>x</nobr> & got <b>nothing</b> <div>whole</div>"
    )


def test_a_link_gives_nothing_away():
    html = prose.render("[site](https://example.org)")
    assert 'rel="noopener noreferrer nofollow ugc"' in html


def test_a_pasted_address_is_a_link_without_the_full_stop_behind_it():
    html = prose.render("See https://example.org/a_b_c. And [this](https://example.org/d)!")
    assert Reader(html).addresses == ["https://example.org/a_b_c", "https://example.org/d"]


@pytest.mark.parametrize(
    "text",
    ["![screen](https://evil.example/x.png)", "![screen][1]\n\n[1]: https://evil.example/x.png"],
)
def test_an_image_becomes_a_link_that_the_reader_may_follow(text):
    html = prose.render(text)
    assert Reader(html).tags == {"p", "a"}
    assert Reader(html).addresses == ["https://evil.example/x.png"]
    assert prose.words_of(html) == "screen"


def test_headings_of_a_note_come_below_the_heading_of_its_page():
    html = prose.render("# A\n\n### B\n\n###### C")
    assert html == "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>"


def test_headings_of_a_note_come_below_the_section_it_stands_in():
    assert prose.render("## A\n\n### B", under=2) == "<h3>A</h3>\n<h4>B</h4>"
    assert prose.render("# A\n\n## B\n\n### C", under=5) == "<h6>A</h6>\n<h6>B</h6>\n<h6>C</h6>"


def test_plain_words_have_no_marks_and_stay_apart():
    text = "# Title\n\n- **bo**ld\n- `code`\n\n| a | b |\n|---|---|\n| 1 | [two](https://x.org) |"
    assert prose.plain(text) == "Title bold code a b 1 two"


def test_two_notes_do_not_share_link_addresses():
    prose.render("[a]: https://first.example\n\n[a]")
    assert "first.example" not in prose.render("[a]")


def test_a_note_that_breaks_the_renderer_does_not_spoil_the_next():
    prose.render(DEATH_LIST["deep list"])
    assert prose.render("one\n\ntwo") == "<p>one</p>\n<p>two</p>"


DEATH_LIST = {
    "many brackets": "[" * 5_000,
    "very many brackets": "[" * 50_000,
    "open links": "[a](b" * 2_000,
    "open images": "![a](b" * 2_000,
    "deep list": "\n".join("    " * depth + "- x" for depth in range(400)),
    "deep quote": ">" * 5_000 + "x",
    "backticks": "`" * 10_000,
    "uneven backticks": "".join("`" * n + " " for n in range(400)),
    "less than": "<" * 50_000,
    "stars": "*" * 50_000 + "x",
    "stars and words": "*a **b " * 10_000,
    "underscores": "_a" * 30_000,
    "ampersands": "&" * 50_000,
    "addresses": "https://" * 12_000,
    "addresses in brackets": "<https://" * 10_000,
    "bars": "|" * 50_000 + "\n" + "|-" * 25_000,
    "fences": "```\n" * 20_000,
    "new lines": "\n" * 100_000 + "x",
    "one word": "a" * 100_000,
    "NULs": "a\0b" * 1_000,
    "direction marks": "\u202eabc\u202c שלום مرحبا " * 1_000,
    "emoji": "👩‍👩‍👧‍👦" * 5_000,
    "lone surrogate": "a\ud800b",
    "markers of the renderer itself": "\x02klzzwxh:0000\x03 \x02wzxhzdk:0\x03" * 500,
}


@pytest.mark.parametrize("name", DEATH_LIST)
def test_no_note_stalls_or_breaks_the_page(name):
    prose.render("*warm*")
    begun = time.monotonic()
    html = prose.render(DEATH_LIST[name])
    assert time.monotonic() - begun < prose.LIMIT_SECONDS + 1.5
    assert html
    assert is_safe(html)


def test_a_note_that_cannot_be_rendered_is_shown_as_it_was_typed(monkeypatch):
    monkeypatch.setattr(prose._children, "page", lambda text: "")
    assert prose.render("a <b>\nsecond\n\nthird") == "<p>a &lt;b&gt;<br>second</p>\n<p>third</p>"


def test_a_long_note_is_accepted_whole():
    paragraph = "Респондент **не нашёл** кнопку и ушёл на [сайт](https://example.org).\n\n"
    text = paragraph * (100_000 // len(paragraph))
    assert prose.render(text).count("<strong>") == 100_000 // len(paragraph)


def test_other_notes_are_rendered_while_one_is_hopeless():
    prose.render("*warm*")
    hopeless = threading.Thread(target=prose.render, args=("[" * 50_000,))
    hopeless.start()
    try:
        prose.render("the second child starts")
        begun = time.monotonic()
        assert prose.render("**quick**") == "<p><strong>quick</strong></p>"
        assert time.monotonic() - begun < 1
    finally:
        hopeless.join()


def test_many_threads_get_each_its_own_note():
    wrong = []

    def write(number: int) -> None:
        for turn in range(20):
            text = f"note {number}-{turn}"
            if prose.render(text) != f"<p>{text}</p>":
                wrong.append(text)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(prose._children._idle) <= prose.MOST_AT_ONCE


def test_a_child_that_was_killed_is_replaced_and_leaves_no_zombie():
    prose.render("*warm*")
    killed = [child._process for child in prose._children._idle]
    for process in killed:
        process.kill()
        while process.poll() is None:
            time.sleep(0.01)
    assert prose.render("**still here**") == "<p><strong>still here</strong></p>"
    assert not any(is_running(process.pid) for process in killed)


def test_a_hopeless_note_leaves_no_process_behind():
    prose.render("[" * 50_000)
    assert [child for child in prose._children._idle if not child.is_alive] == []
    assert zombies_of(os.getpid()) == []


def test_children_end_with_their_parent_even_when_it_is_killed():
    program = (
        "import threading, time\n"
        "from research_repo.core import prose\n"
        "prose.render('*x*')\n"
        "threading.Thread(target=prose.render, args=('[' * 50_000,), daemon=True).start()\n"
        "prose.render('*y*')\n"
        "print(*[child._process.pid for child in prose._children._idle], flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    children = [int(pid) for pid in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert children
    assert eventually(lambda: not any(is_running(pid) for pid in children), seconds=5)


def test_the_end_of_the_program_ends_its_children():
    program = (
        "from research_repo.core import prose\n"
        "prose.render('*x*')\n"
        "print(prose._children._idle[0]._process.pid)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert not is_running(int(run.stdout))


def test_a_forked_process_renders_with_children_of_its_own():
    program = (
        "import os, sys\n"
        "from research_repo.core import prose\n"
        "prose.render('*x*')\n"
        "pid = os.fork()\n"
        "for turn in range(50):\n"
        "    text = f'{pid == 0} {turn}'\n"
        "    assert prose.render(f'*{text}*') == f'<p><em>{text}</em></p>'\n"
        "if pid: assert os.waitpid(pid, 0)[1] == 0\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("source", hostile.SOURCES)
def test_no_known_attack_survives_rendering(source):
    for payload in hostile.payloads(source):
        html = prose.render(payload)
        assert is_safe(html), payload


@pytest.mark.slow
@pytest.mark.browser
def test_no_known_attack_runs_in_a_browser():
    texts = [text for source in hostile.SOURCES for text in hostile.payloads(source)]
    fired: list[str] = []
    asked: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"],
        )
        page = browser.new_page()
        page.on("dialog", note_dialog)
        page.on("request", lambda request: asked.append(request.url))
        page.set_content("<script>alert('the test would see it')</script>")
        for start in range(0, len(texts), 25):
            rendered = "<hr>".join(prose.render(text) for text in texts[start : start + 25])
            page.set_content(f"<!doctype html><meta charset=utf-8>{rendered}")
            page.wait_for_timeout(50)
        browser.close()
    assert (fired, asked) == (["the test would see it"], [])


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def zombies_of(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [int(child) for child in children.read().split() if not is_running(int(child))]


def eventually(is_so, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return is_so()


@settings(deadline=None)
@given(st.text("aя09 .,;:?'\"«»—–()%/№-", max_size=30))
def test_plain_words_look_the_same_without_a_renderer(text: str) -> None:
    rendered = prose._demoted(prose._children.page(text), 1) if text.strip() else ""
    assert prose.render(text) == rendered
