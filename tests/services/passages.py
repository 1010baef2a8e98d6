"""Passages that the tests of written answers cite."""

from dataclasses import replace

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Passage, Sentence


def passage(
    text: str,
    locale: Locale = Locale.EN,
    path: str = "en/planning/custom-fields.md",
    anchor: str | None = "fields",
    title: str = "Custom fields",
) -> Passage:
    return Passage(
        path=path,
        ordinal=0,
        anchor=anchor,
        title=title,
        heading_path=(title,),
        locale=locale,
        line=1,
        score=0.9,
        blocks=(Block("paragraph", text, ()),),
    )


FIELDS = passage(
    "A project can have up to 60 custom fields, and custom fields are part of all plans.\n\n"
    "1. Open **Project settings > Fields** and click **New field**.\n"
    "2. Enter the name.\n"
    "3. Tick **Required** if a task must not be created without a value.\n"
    "4. Click **Save**."
)
DELETING = passage(
    "**⋯ > Hide** removes the field from all forms and keeps the values. A deleted field does not "
    "go to the trash and cannot be recovered, so [export](../closing/export.md) the project first. "
    "The trash keeps deleted tasks for 30 days. Run this on your own server:\n\n"
    "```bash\nfirstline export --project 7 --to backup.zip\n```\n\n"
    "Files of up to 1,000 MB cost $5.50 a month since 2026-10-21, from version 2.3.1 on. "
    "Support starts at 9:00; see https://status.tideboard.example or write to "
    "help@tideboard.example.",
    anchor="delete",
)
GANTT = passage(
    "进入项目，点击 **甘特图** 标签页即可打开。"
    "所有套餐都能使用甘特图，编辑需在电脑浏览器中进行，手机端只能查看。\n\n"
    "没填日期的任务不会出现任务条，统一放在右侧的 **未排期** 面板。刷新页面之后就不能再撤销。",
    Locale.ZH,
    "zh/planning/gantt-chart.md",
    "open",
    "甘特图",
)
EXPORT = passage(
    "1. 先调好筛选条件和缩放比例。\n2. 选择 **导出 > PNG** 或 **导出 > PDF**。\n"
    "3. 设定时间范围和纸张大小。\n\n导出文件保留 7 天，单个文件不超过 1000 MB，"
    "每月最多导出 100 次，套餐价格为每月 30 元。按 `Ctrl+Z` 撤销。",
    Locale.ZH,
    "zh/planning/gantt-chart.md",
    "export",
    "导出",
)
EN = (FIELDS, DELETING)
ZH = (GANTT, EXPORT)


def with_sentences(text: str) -> Passage:
    """As retrieved: one paragraph of one sentence, near to the question."""
    return replace(FIELDS, blocks=(Block("paragraph", text, (Sentence(text, 0.9),)),))
