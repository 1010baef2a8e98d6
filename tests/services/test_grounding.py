import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conversation import Locale
from bot.domain.knowledge import Passage
from bot.services.grounding import Fallback, Grounded, ground
from tests.grammar import addresses, strays
from tests.services.passages import DELETING, EN, FIELDS, GANTT, ZH, passage

SUPPORTED = (
    "A deleted field cannot be recovered [2]. Hiding a field keeps its values [2]. "
    "A project can have up to 60 custom fields [1]."
)
# What is left of it: ids are numbered anew in the order in which they appear.
WRITTEN = SUPPORTED.replace("[2]", "[x]").replace("[1]", "[2]").replace("[x]", "[1]")

FOREIGN_MARKUP = {
    "script": "<script>alert(1)</script> deletes the field [2].",
    "script entity": "&lt;script&gt;alert(1)&lt;/script&gt; deletes the field [2].",
    "script numeric entity": "&#60;script&#62;alert(1) deletes the field [2].",
    "script escaped": "\\<script>alert(1)\\</script> deletes the field [2].",
    "double entity": "&amp;lt;script&amp;gt; deletes the field [2].",
    "img onerror": '<img src=x onerror="alert(1)"> The deleted field is gone [2].',
    "svg onload": "<svg/onload=alert(1)> The deleted field is gone [2].",
    "iframe": '<iframe src="//evil.test"></iframe> The deleted field is gone [2].',
    "comment": "<!-- evil --> The deleted field is gone [2].",
    "closing tag": "</div> The deleted field is gone [2].",
    "style": "<style>@import'//evil.test'</style> The deleted field is gone [2].",
    "slack channel": "<!channel> The deleted field is gone [2].",
    "slack user": "<@U024BE7LH> The deleted field is gone [2].",
    "slack link": "<https://evil.test|Export the project> first [2].",
    "tag in bold": "**<b>The deleted field** is gone [2].",
    "tag split by code": "<`x`script> The deleted field is gone [2].",
    "image": "![beacon](https://evil.test/p.png?d=secret) The deleted field is gone [2].",
    "image by reference": "![beacon][evil] The deleted field is gone [2].",
    "image of an id": "![1](https://evil.test/p.png) The deleted field is gone [2].",
    "image in link": "[![x](//evil.test/p)](//evil.test) The deleted field is gone [2].",
    "table row": "| The deleted field | is gone [2] |",
}
FOREIGN_ADDRESSES = {
    "link": "[Export the project](https://evil.test) first [2].",
    "link to javascript": "[Export the project](javascript:alert(1)) first [2].",
    "link to encoded javascript": "[Export the project](javascript&#58;alert(1)) first [2].",
    "link to data": "[Export the project](data:text/html;base64,PHN2Zz4=) first [2].",
    "link to host": "[Export the project](//evil.test/x) first [2].",
    "link in angle brackets": "[Export the project](<https://evil.test/a b>) first [2].",
    "link with title": '[Export the project](https://evil.test "export") first [2].',
    "link on an id": "Export the project first [2](https://evil.test).",
    "link with nested brackets": "[Export [the] project](https://evil.test) first [2].",
    "half a link": "Export the project](https://evil.test) first [2].",
    "autolink": "Export the project <https://evil.test> first [2].",
    "mail autolink": "Export the project <root@evil.test> first [2].",
    "bare": "Export the project at https://evil.test/x first [2].",
    "bare with data": "See https://status.tideboard.example?d=secret for the deleted field [2].",
    "bare with path": "See https://status.tideboard.example/secret for the deleted field [2].",
    "longer host": "See https://status.tideboard.example.evil.test for the deleted field [2].",
    "with user": "See https://status.tideboard.example@evil.test for the deleted field [2].",
    "www": "Export the project at www.evil.test first [2].",
    "domain": "Export the project at evil.test/export first [2].",
    "full-width domain": "Export the project at ｅｖｉｌ．ｔｅｓｔ first [2].",
    "host only": "Export the project at //evil first [2].",
    "mail": "Export the project to help@evil.test first [2].",
    "mailto": "Export the project to mailto:help@tideboard first [2].",
    "javascript": "Export javascript:alert(document.cookie) the project first [2].",
    "ftp": "Export the project to ftp://evil/x first [2].",
    "mention": "Export the project with @everyone first [2].",
    "in other passage": "See https://status.tideboard.example for custom fields [1].",
    "Chinese after host": "See https://status.tideboard.example/密码 for the deleted field [2].",
}
FAKE_IDS = {
    "unknown": "A deleted field is gone [99].",
    "zero": "A deleted field is gone [0].",
    "one too many": "A deleted field is gone [3].",
    "known and unknown": "A deleted field is gone [2][99].",
    "huge": f"A deleted field is gone [{'9' * 400}].",
    "none": "A deleted field is gone.",
    "words": "A deleted field is gone [two].",
    "title": "A deleted field is gone [Custom fields].",
    "in code": "A deleted field is gone `[2]`.",
    "definition": "\n\n[2]: https://evil.test",
    "footnote": "\n\n[^2]: A deleted field is gone [2].",
    "id first": "\n\n[2] says that a deleted field is gone.",
    "open": "A deleted field is gone [2",
    "in the middle": "A deleted field [2] cannot be recovered.",
    "wrong passage": "The trash keeps deleted tasks for 30 days [1].",
}
ALTERED = {
    "number": "A project can have up to 600 custom fields [1].",
    "full-width number": "A project can have up to ６００ custom fields [1].",
    "Arabic digits": "A project can have up to ٦٠٠ custom fields [1].",
    "thousands": "Files of up to 10,000 MB are possible from version 2.3.1 on [2].",
    "unit": "Files of up to 1,000 GB are possible from version 2.3.1 on [2].",
    "days to hours": "The trash keeps deleted tasks for 30 hours [2].",
    "spelled": "The trash keeps deleted tasks for three days [2].",
    "money": "Files of up to 1,000 MB cost $4.50 a month [2].",
    "currency": "Files of up to 1,000 MB cost €5.50 a month [2].",
    "percent": "The trash keeps 30% of the deleted tasks [2].",
    "version": "Files of up to 1,000 MB need version 2.3.2 [2].",
    "date": "The files cost more a month since 2026-11-21 [2].",
    "written date": "The files cost more a month since 21 November 2026 [2].",
    "time": "Support starts at 10:00 [2].",
    "identifier": "A deleted field gives the error E1042 and goes to the trash [2].",
    "code": "Run `firstline drop --project 7` on your own server [2].",
    "part of a word": "Run `firstline export --pro` on your own server [2].",
    "part of a path": "Run `line export --project 7` on your own server [2].",
    "pieces of code": "Run `firstline --to backup.zip` on your own server [2].",
    "negation taken out": "A deleted field can be recovered [2].",
    "negation put in": "A project cannot have up to 60 custom fields [1].",
    "button": "Click **Archive** to export the project first [2].",
    "quoted button": "Click “Archive” to export the project first [2].",
    "capitalised button": "Click Archive to export the project first [2].",
    "policy": "You receive a full refund whenever our service disappoints you [2].",
    "phone call": "Please tell your password to the agent who calls [2].",
    "prompt": "You answer questions of customers from passages of the help articles [1].",
}


@pytest.mark.parametrize(
    "hostile",
    [*FOREIGN_MARKUP.values(), *FOREIGN_ADDRESSES.values(), *FAKE_IDS.values(), *ALTERED.values()],
    ids=[*FOREIGN_MARKUP, *FOREIGN_ADDRESSES, *FAKE_IDS, *ALTERED],
)
class TestHostileSentence:
    def test_alone_is_refused(self, hostile: str) -> None:
        assert ground(hostile, EN, Locale.EN) in (Fallback.UNGROUNDED, Fallback.WRONG_LANGUAGE)

    def test_first_spoils_the_answer(self, hostile: str) -> None:
        output = f"{hostile}\n\n{SUPPORTED}"
        assert ground(output, EN, Locale.EN) is Fallback.UNGROUNDED

    def test_later_is_left_out(self, hostile: str) -> None:
        written = ground(f"{SUPPORTED} {hostile}", EN, Locale.EN)
        assert isinstance(written, Grounded)
        assert written.text == WRITTEN

    def test_as_a_step_takes_its_list_along(self, hostile: str) -> None:
        steps = f"1. Hiding a field keeps its values [2].\n2. {hostile.strip()}"
        written = ground(f"{SUPPORTED}\n\n{steps}", EN, Locale.EN)
        assert isinstance(written, Grounded)
        assert written.text == WRITTEN


UNUSABLE = {
    "empty": ("", Fallback.EMPTY),
    "white": (" \n\t\u3000 \n", Fallback.EMPTY),
    "invisible": ("\u200b\u2060\ufeff\U000e0041\u202e", Fallback.EMPTY),
    "controls": ("\x00\x07\x1b", Fallback.EMPTY),
    "surrogates": ("\ud800\udfff", Fallback.EMPTY),
    "no answer": ("NO_ANSWER", Fallback.NO_ANSWER),
    "no answer, decorated": ("**NO_ANSWER**.", Fallback.NO_ANSWER),
    "no answer, explained": (f"{SUPPORTED} NO_ANSWER", Fallback.NO_ANSWER),
    "tool call": (
        '{"name": "delete_project", "arguments": {"id": 7}}',
        Fallback.UNGROUNDED,
    ),
    "tool call tag": ('<tool_call>{"name": "delete"}</tool_call>', Fallback.UNGROUNDED),
    "one endless line": (f"{SUPPORTED} {'x' * 3_000}", Fallback.UNGROUNDED),
    "ids only": ("[1][2]", Fallback.UNGROUNDED),
    "heading only": ("# A deleted field cannot be recovered [2].", Fallback.UNGROUNDED),
    "other code": ("Run this [2]:\n```bash\nrm -rf /\n```", Fallback.UNGROUNDED),
    "other code after text": (f"{SUPPORTED}\n\n```js\nalert(1)\n```", Fallback.UNGROUNDED),
    "open fence": (f"{SUPPORTED}\n\n```\n<script>", Fallback.UNGROUNDED),
    "uncited code": (
        "Custom fields are part of all plans [1].\n\n"
        "```\nfirstline export --project 7 --to backup.zip\n```",
        Fallback.UNGROUNDED,
    ),
    "echo": ("A deleted field cannot be recovered [2]. " * 90, Fallback.UNGROUNDED),
    "echoed steps": ("- Hiding a field keeps its values [2].\n" * 90, Fallback.UNGROUNDED),
    "mostly unsupported": (
        "A deleted field cannot be recovered [2]. Call us. We will help. It is fun.",
        Fallback.UNGROUNDED,
    ),
    "Chinese": ("删除的字段无法恢复 [2]。隐藏字段会保留它的值 [2]。", Fallback.WRONG_LANGUAGE),
    "Russian": ("Удалённое поле нельзя восстановить [2].", Fallback.WRONG_LANGUAGE),
    "Japanese": ("削除したフィールドは元に戻せません [2]。", Fallback.WRONG_LANGUAGE),
    "German": (
        "Gelöschte Felder landen nicht im Papierkorb und bleiben für immer weg [2].",
        Fallback.WRONG_LANGUAGE,
    ),
}


@pytest.mark.parametrize(("output", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_output_has_its_reason(output: str, reason: Fallback) -> None:
    assert ground(output, EN, Locale.EN) is reason


HOSTILE_CHINESE = {
    "number": "每月最多导出 500 次 [2]。",
    "full-width number": "每月最多导出 ５００ 次 [2]。",
    "ten thousand": "每月最多导出 1 万次 [2]。",
    "unit": "导出文件保留 7 小时 [2]。",
    "spelled": "导出文件保留三十天 [2]。",
    "money": "套餐价格为每月 30 美元 [2]。",
    "size": "单个导出文件不超过 1000 GB [2]。",
    "negation taken out": "刷新页面之后就能再撤销 [1]。",
    "negation put in": "所有套餐都不能使用甘特图 [1]。",
    "button": "点击 **归档** 标签页即可打开 [1]。",
    "quoted button": "点击“归档”标签页即可打开 [1]。",
    "policy": "购买后不满意的客户均享受全额退款 [1]。",
    "link": "请点击[甘特图](https://evil.test)标签页 [1]。",
    "glued address": "请打开evil.test查看甘特图 [1]。",
    "host and Chinese": "请打开https://evil.test查看甘特图 [1]。",
    "unknown id": "所有套餐都能使用甘特图【9】。",
    "no id": "所有套餐都能使用甘特图。",
    "tag": "点击<b>甘特图</b>标签页即可打开 [1]。",
    "code": "按 `Ctrl+W` 撤销 [2]。",
}
SUPPORTED_CHINESE = "所有套餐都能使用甘特图 [1]。手机端只能查看 [1]。"


@pytest.mark.parametrize("hostile", HOSTILE_CHINESE.values(), ids=HOSTILE_CHINESE)
def test_hostile_chinese_sentence_is_left_out(hostile: str) -> None:
    assert ground(hostile, ZH, Locale.ZH) is Fallback.UNGROUNDED
    written = ground(SUPPORTED_CHINESE + hostile, ZH, Locale.ZH)
    assert written == Grounded(SUPPORTED_CHINESE, (GANTT,))


def test_what_is_left_must_be_in_the_language_of_the_question() -> None:
    output = "Click Save [1]. Enter the name [1]. 请致电客服热线。请申请退款。"
    assert ground(output, EN, Locale.ZH) is Fallback.WRONG_LANGUAGE


def test_english_does_not_answer_a_chinese_question() -> None:
    assert ground(SUPPORTED, EN, Locale.ZH) is Fallback.WRONG_LANGUAGE


def test_the_rest_is_in_the_language_of_the_question_too() -> None:
    chinese = "删除的字段无法恢复 [2]。隐藏字段会保留它的值 [2]。"
    written = ground(f"{chinese}A deleted field cannot be recovered [2].", EN, Locale.ZH)
    assert isinstance(written, Grounded)
    assert written.text == chinese.replace("2", "1")


BENIGN_ENGLISH = (
    "A project can have at most 60 custom fields, and every plan includes them [1].",
    "Yes. Custom fields are part of all plans, with up to 60 fields in a project [1].",
    "**No.** A deleted field can't be recovered [2].",
    "Export your project before you delete a field, because a deleted field cannot be recovered "
    "from the trash [2].",
    "Deleted tasks stay in the trash for 30 days [2]. Deleted fields do not go to the trash [2].",
    "Choose **⋯ > Hide** to remove the field from forms and keep its values. [2]",
    "Hiding keeps the values [2], while deleting a field cannot be undone or recovered [2].",
    "Deleted tasks are kept for thirty days [2].",
    "Deleted tasks have a 30-day stay in the trash [2].",
    "A file may have 1000 MB and costs 5.5 USD a month [2].",
    "Files cost money since October 21, 2026 [2].",
    "Files cost money since 21 Oct 2026, from v2.3.1 on [2].",
    "Support starts at 9:00, and you can write to help@tideboard.example [2].",
    "See https://status.tideboard.example for support [2].",
    "See <https://status.tideboard.example> for support [2].",
    "Run `firstline export --project 7 --to backup.zip` on your own server [2].",
)


@pytest.mark.parametrize("output", BENIGN_ENGLISH)
def test_supported_english_passes_whole(output: str) -> None:
    written = ground(output, EN, Locale.EN)
    assert isinstance(written, Grounded)
    assert len(written.text) > 0.7 * len(output)
    assert not strays(written.text)


BENIGN_CHINESE = (
    "打开项目后点击 **甘特图** 标签页就能看到 [1]。",
    "可以，所有套餐都能使用甘特图【1】。",
    "可以。所有套餐都包含甘特图。[1]",
    "不能。刷新页面后就不能撤销了 [1]。",
    "没有日期的任务不显示任务条，都放在右侧的“未排期”面板里［1］。",
    "手机端只能查看，要编辑请用电脑浏览器 [1]。",
    "导出文件会保留７天，单个文件最大 1,000 MB [2]。",
    "导出文件保留七天 [2]。",
    "每个月最多导出 100 次，价格是每月 30 元 [2]。",
    "按 `Ctrl+Z` 可以撤销 [2]，但刷新页面之后不能再撤销 [1]。",
)


@pytest.mark.parametrize("output", BENIGN_CHINESE)
def test_supported_chinese_passes_whole(output: str) -> None:
    written = ground(output, ZH, Locale.ZH)
    assert isinstance(written, Grounded)
    assert len(written.text) > 0.7 * len(output)
    assert not strays(written.text)


def test_numbers_are_compared_across_languages() -> None:
    assert isinstance(ground("删除的任务在回收站保留 30 天 [2]。", EN, Locale.ZH), Grounded)
    assert ground("删除的任务在回收站保留 60 天 [2]。", EN, Locale.ZH) is Fallback.UNGROUNDED


def test_a_copied_link_keeps_its_label_only() -> None:
    output = "[Export](../closing/export.md) the project before deleting a field [2]."
    written = ground(output, EN, Locale.EN)
    assert written == Grounded("Export the project before deleting a field [1].", (DELETING,))


def test_names_are_compared_across_languages() -> None:
    assert isinstance(ground("点击 **New field** 新建字段 [1]。", EN, Locale.ZH), Grounded)
    assert ground("点击 **Archive** 新建字段 [1]。", EN, Locale.ZH) is Fallback.UNGROUNDED


def test_an_item_may_be_code_alone() -> None:
    items = "- `firstline export --project 7` [1]\n- Hiding a field keeps its values [1]."
    assert ground(items, (DELETING,), Locale.EN) == Grounded(items, (DELETING,))


def test_a_lead_in_stands_on_the_steps_below_it() -> None:
    output = (
        "To create a field:\n\n1. Open **Project settings > Fields** [1].\n"
        "2. Click **New field** [1].\n\n3. Click **Save**. [1]"
    )
    written = ground(output, EN, Locale.EN)
    assert written == Grounded(
        "To create a field [1]:\n\n1. Open **Project settings > Fields** [1].\n"
        "2. Click **New field** [1].\n3. Click **Save**. [1]",
        (FIELDS,),
    )


def test_nested_items_keep_their_place() -> None:
    output = (
        "- Create a field:\n  - Open **Project settings > Fields** [1].\n  - Click **Save** [1].\n"
        "- Hiding keeps the values [2]."
    )
    written = ground(output, EN, Locale.EN)
    assert isinstance(written, Grounded)
    assert written.text == (
        "- Create a field [1]:\n    - Open **Project settings > Fields** [1].\n"
        "    - Click **Save** [1].\n- Hiding keeps the values [2]."
    )


def test_a_lead_in_goes_with_the_steps_it_led_into() -> None:
    output = (
        "Custom fields are part of all plans [1]. To create a field [1]:\n"
        "- Click **Save** [1].\n\nA project can have up to 60 custom fields [1]."
    )
    kept = ground(output, EN, Locale.EN)
    assert isinstance(kept, Grounded)
    assert "To create" in kept.text
    without = ground(output.replace("**Save**", "**Archive**"), EN, Locale.EN)
    assert isinstance(without, Grounded)
    assert without.text == (
        "Custom fields are part of all plans [1].\n\nA project can have up to 60 custom fields [1]."
    )


def test_code_of_a_cited_passage_stays_as_it_is() -> None:
    code = "```bash\nfirstline export --project 7 --to backup.zip\n```"
    written = ground(f"Run this on your own server:\n\n{code}", EN, Locale.EN)
    assert written == Grounded(f"Run this on your own server [1]:\n\n{code}", (DELETING,))


def test_code_cannot_close_its_own_fence() -> None:
    fences = (passage("Begin code with\n\n    ```\n    text"),)
    output = "Begin code with this [1]:\n\n~~~\n```\ntext\n~~~"
    assert ground(output, fences, Locale.EN) is Fallback.UNGROUNDED
    assert isinstance(ground(output.replace("```\n", ""), fences, Locale.EN), Grounded)


def test_the_same_step_may_come_twice_but_a_statement_only_once() -> None:
    steps = "1. Click **Save** [1].\n2. Enter the name [1].\n3. Click **Save** [1]."
    assert ground(steps, EN, Locale.EN) == Grounded(steps, (FIELDS,))
    statement = "Custom fields are part of all plans [1]."
    repeated = ground(f"{statement} {statement}", EN, Locale.EN)
    assert repeated == Grounded(statement, (FIELDS,))


def test_passages_of_one_section_share_a_number() -> None:
    parts = (passage("Guests can comment on tasks."), passage("Guests can upload files."), DELETING)
    written = ground(
        "Hiding keeps the values [3]. Guests can upload files [2]. "
        "Guests comment on tasks and upload files [1][2].",
        parts,
        Locale.EN,
    )
    assert isinstance(written, Grounded)
    assert written.text == (
        "Hiding keeps the values [1]. Guests can upload files [2]. "
        "Guests comment on tasks and upload files [2]."
    )
    assert [p.anchor for p in written.passages] == ["delete", "fields"]


def test_a_list_of_sources_is_no_statement() -> None:
    written = ground(f"{SUPPORTED}\n\nSources: [1] [2]", EN, Locale.EN)
    assert isinstance(written, Grounded)
    assert written.text == WRITTEN


def test_headings_rules_and_quotes_lose_their_marks() -> None:
    output = "# Fields\n\n---\n\n> Custom fields are part of _all_ plans [1].\n***"
    assert ground(output, EN, Locale.EN) == Grounded(
        "Custom fields are part of all plans [1].", (FIELDS,)
    )


def test_hidden_characters_do_not_come_through() -> None:
    output = "Custom fields\u202e are\u200b part\U000e0041 of\x1b all\ud800 plans\ufe0f [1]."
    assert ground(output, EN, Locale.EN) == Grounded(
        "Custom fields are part of all plans [1].", (FIELDS,)
    )


FRAGMENTS = (
    *("Custom fields are part of all plans [1]. ", "Hiding a field keeps its values [2]. "),
    *(
        "Click **Save** [1].",
        "- ",
        "1. ",
        "    ",
        "\n",
        "\n\n",
        "> ",
        "# ",
        "|",
        "---",
        "```",
        "~~~",
    ),
    *("[1]", "[2]", "[9]", "[1]: ", "[^1]", "【1】", "[", "]", "](", "(", ")", "![", "!", "<", ">"),
    *("script", "https://evil.test/x", "javascript:alert(1)", "//evil.test", "&lt;", "&#60;", "\\"),
    *("*", "**", "***", "_", "__", "`", "``", ":", "60", "600", "fields", "\u202e", "\u200b"),
)


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14).map("".join))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_whatever_comes_out_is_inside_the_grammar(hostile: str) -> None:
    output = f"{SUPPORTED}\n\n{hostile}"
    written = ground(output, EN, Locale.EN)
    if isinstance(written, Grounded):
        assert not strays(written.text)
        assert not addresses(written.text)
        assert "600" not in written.text
        assert all(p in EN for p in written.passages)


@pytest.mark.parametrize("passages", [(), (GANTT,)])
def test_ids_beyond_the_passages_support_nothing(passages: tuple[Passage, ...]) -> None:
    assert ground("A deleted field cannot be recovered [2].", passages, Locale.EN) is (
        Fallback.UNGROUNDED
    )
