"""The sample knowledge base: complete in both languages, and of one mind with its facts.yaml."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import chain
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import pytest
import yaml

from ingest.article import Article, BlockKind
from ingest.documents import Document, discover
from ingest.glossary import read_glossary
from ingest.parsing import parse
from ingest.sentences import split_sentences

ROOT = Path(__file__).parents[1] / "knowledge_base"
LOCALES = ("en", "zh")
MODULES = frozenset(
    "api automation billing boards collaboration gantt import_export integrations login members "
    "mobile notifications projects reports security sprints support tasks time "
    "troubleshooting".split()
)
PLANS = {"free": "Free|Basic|免费版|基础支持", "team": "Team|Premium|团队版|高级支持"}
PLANS["business"] = "Business|Enterprise|商业版|企业支持"
HAN = re.compile(r"[\u4e00-\u9fff]")
NUMBER = r"(?<![\d.])(\d+(?:\.\d+)?)"


# --- reading


@cache
def documents() -> dict[str, Document]:
    found = {item.path: item for item in discover(ROOT)}
    return {path: item for path, item in found.items() if isinstance(item, Document)}


@cache
def articles(locale: str) -> dict[str, Article]:
    """By the path without its language, which both twins share."""
    return {
        path.removeprefix(f"{locale}/"): read(document)
        for path, document in documents().items()
        if path.startswith(f"{locale}/")
    }


def read(document: Document) -> Article:
    article, problems = parse(document)
    assert article is not None
    assert not problems
    return article


def every_article() -> Iterator[Article]:
    return chain.from_iterable(articles(locale).values() for locale in LOCALES)


@cache
def facts() -> dict[str, Any]:
    """By dotted key; a text that differs between the languages stays a mapping."""
    return dict(_flatten("", yaml.safe_load((ROOT / "facts.yaml").read_text("utf-8"))))


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or set(value) == set(LOCALES):
        yield prefix, value
        return
    for key, inner in value.items():
        yield from _flatten(f"{prefix}.{key}".lstrip("."), inner)


def rows(article: Article) -> Iterator[tuple[list[str], list[str]]]:
    """(cells of the header, cells) for every row of every table."""
    for section in article.sections:
        for block in section.blocks:
            if block.kind is BlockKind.TABLE:
                lines = [_cells(line) for line in block.markdown.splitlines()]
                yield from ((lines[0], cells) for cells in lines[2:])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def passages(article: Article) -> Iterator[str]:
    """Paragraphs, list items and table rows, as read; code is left out."""
    for section in article.sections:
        for block in section.blocks:
            if block.kind is not BlockKind.CODE:
                yield from block.plain.splitlines()


def sentences(article: Article) -> Iterator[str]:
    """A table row is read together with the header of its table."""
    for section in article.sections:
        for block in section.blocks:
            lines = block.plain.splitlines()
            if block.kind is BlockKind.TABLE:
                yield from (f"{lines[0]}: {line}" for line in lines[1:])
            elif block.kind is not BlockKind.CODE:
                yield from chain.from_iterable(map(split_sentences, lines))


# --- completeness


def test_every_article_exists_in_both_languages() -> None:
    assert set(articles("en")) == set(articles("zh"))


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_at_least_forty_public_articles(locale: str) -> None:
    assert sum(a.audience == "public" for a in articles(locale).values()) >= 40


def test_only_the_refund_rules_of_agents_are_internal() -> None:
    internal = {article.path for article in every_article() if article.audience != "public"}
    assert internal == {f"{locale}/support/agent-refunds.md" for locale in LOCALES}


@pytest.mark.parametrize("path", documents())
def test_front_matter_is_complete(path: str) -> None:
    article = read(documents()[path])
    assert article.locale == path.split("/")[0]
    assert article.module in MODULES
    assert article.owner
    assert article.reviewed
    assert article.review_by
    assert article.reviewed < article.review_by
    assert 3 <= len(article.questions) <= 5
    twin = path.replace("zh/", "en/", 1) if article.locale == "zh" else None
    assert article.translation_of == twin


def test_twins_agree_on_what_does_not_depend_on_the_language() -> None:
    for path, article in articles("en").items():
        twin = articles("zh")[path]
        assert (twin.module, twin.lifecycle) == (article.module, article.lifecycle), path


@pytest.mark.parametrize("locale", LOCALES)
def test_titles_and_questions_name_one_article_each(locale: str) -> None:
    names = Counter(
        name.lower()
        for article in articles(locale).values()
        for name in (article.title, *article.questions)
    )
    assert [name for name, count in names.items() if count > 1] == []


# --- facts: where each is stated, and how a sentence about it is recognised


@dataclass(frozen=True)
class Claim:
    """`N` in the pattern stands for the number; `about` tells which sentences it is about."""

    facts: tuple[str, ...]
    article: str
    pattern: str
    about: str
    locales: tuple[str, ...] = LOCALES

    @property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern.replace("N", NUMBER))


def claim(names: str, article: str, pattern: str, about: str, *locales: str) -> Claim:
    """`*` in a name means: of every plan that has a limit."""
    found = chain.from_iterable(map(_expand, names.split()))
    return Claim(tuple(found), f"{article}.md", pattern, about, locales or LOCALES)


def _expand(name: str) -> list[str]:
    spread = [name.replace("*", plan) for plan in PLANS] if "*" in name else [name]
    return [name for name in spread if facts()[name] != "unlimited"]


DAYS = r"N (?:days?|天)"
HOURS = r"N (?:(?:business )?hours?|小时)"
MINUTES = r"N (?:minutes?|分钟)"
SECONDS = r"N (?:seconds?|秒)"
WEEKS = r"(?:N (?:and|to|至) )?N (?:weeks?|周)"
MB = r"N MB"
CHARACTERS = r"N (?:characters|个字符)"
TIMES = r"N (?:failed )?attempts|N times|N 次"
PEOPLE = r"N (?:members|assignees|guests|recipients|addresses|people|位|人)|收件人(?:最多|超过) N 个"
PERCENT = r"N ?%"
ENTRIES = r"N (?:entries|条(?!规则|基线))"
LIMITS_OF_RESPONSE = "support.basic.first_response_hours support.premium.first_response_hours "
LIMITS_OF_RESPONSE += "support.enterprise.first_response_hours"

CLAIMS = (
    claim("plans.*.members", "administration/invite-members", PEOPLE, "member|成员|席位|1000 人"),
    claim("plans.*.projects", "planning/create-project", r"N (?:projects|个.{0,4}项目)|超过 N 个的项目", "."),
    claim("plans.*.storage_gb", "execution/attachments", r"N GB", "."),
    claim("plans.*.version_history_days", "execution/attachments", DAYS, "[Vv]ersion|版本"),
    claim("plans.*.price_usd", "billing/plans-and-prices", r"\$N", "yearly", "en"),
    claim("plans.*.price_usd_monthly", "billing/plans-and-prices", r"\$N", "monthly", "en"),
    claim("plans.*.price_cny", "billing/plans-and-prices", r"¥N", "按年", "zh"),
    claim("plans.*.price_cny_monthly", "billing/plans-and-prices", r"¥N", "按月", "zh"),
    claim("plans.*.automation_runs_month", "execution/automation", r"(?:Runs per month.*?: \w+|执行次数.*) N", "Runs per month|执行次数"),
    claim("plans.*.api_requests_minute", "integrations/api", r"(?:per minute.*?: \w+|每分钟请求数.*) N", "per minute|每分钟"),
    claim("billing.monthly_surcharge_percent", "billing/plans-and-prices", PERCENT, "monthly|按月"),
    claim("billing.nonprofit_discount_percent", "billing/plans-and-prices", PERCENT, "non-profit|公益"),
    claim("billing.trial_days", "billing/change-or-cancel", DAYS, "[Tt]rial|试用"),
    claim("billing.refund_days", "billing/change-or-cancel", DAYS, "refund|退款|yearly payment|首次年付"),
    claim("billing.payment_grace_days", "billing/payment-and-invoices", DAYS, "grace|failed payment|宽限"),
    claim(LIMITS_OF_RESPONSE, "support/support-tiers", HOURS, "[Rr]esponse|响应"),
    claim("account.password_min_length", "account/reset-password", CHARACTERS, "password|密码"),
    claim("account.reset_link_valid_minutes", "account/reset-password", MINUTES, "link|链接|已失效"),
    claim("account.failed_logins_before_lock", "account/sign-in", TIMES, "in a row|连续输错"),
    claim("account.lock_minutes", "account/sign-in", MINUTES, "lock|锁定"),
    claim("account.session_days", "account/sign-in", DAYS, "sign|session|登录"),
    claim("account.backup_codes", "account/two-factor", r"N (?:backup )?codes|N 个备用码|新的 N 个", "."),
    claim("account.invitation_valid_days", "administration/invite-members", DAYS, "invitation|link|邀请|链接"),
    claim("account.guest_invitation_valid_days", "administration/guests", DAYS, "guest|访客"),
    claim("limits.attachment_mb limits.attachment_mb_free", "execution/attachments", MB, "file|attach|附件|文件"),
    claim("limits.subtask_levels", "execution/subtasks", r"N (?:levels|级)", "."),
    claim("limits.subtasks_per_task", "execution/subtasks", r"N (?:subtasks|个子任务)", "."),
    claim("limits.assignees_per_task", "execution/tasks", PEOPLE, "assignees|负责人"),
    claim("limits.board_columns", "execution/boards", r"N (?:columns|列)", "."),
    claim("limits.dependencies_per_task", "planning/dependencies", r"N (?:dependencies|个依赖)", "."),
    claim("limits.custom_fields_per_project", "planning/custom-fields", r"N (?:custom fields|fields|个(?:自定义)?字段)", "."),
    claim("limits.guests_per_project", "administration/guests", PEOPLE, "guests|访客|上限按项目"),
    claim("limits.comment_characters", "execution/comments-and-mentions", CHARACTERS, "comment|评论"),
    claim("limits.comment_edit_minutes", "execution/comments-and-mentions", MINUTES, "comment|评论"),
    claim("limits.import_rows", "closing/import", r"N (?:rows|行)", "."),
    claim("limits.import_mb", "closing/import", MB, "rows|File is larger|行|超过"),
    claim("limits.export_ready_minutes", "closing/export", MINUTES, "export|导出"),
    claim("limits.export_link_valid_hours", "closing/export", HOURS, "export|导出"),
    claim("limits.trash_days", "administration/backup-and-deletion", DAYS, "trash|delet|Delet|回收站|删除"),
    claim("limits.workspace_restore_days", "administration/backup-and-deletion", DAYS, "workspace|工作区"),
    claim("limits.audit_log_days", "administration/security-and-audit", DAYS, "audit log|[Ee]ntries|审计日志|记录"),
    claim("limits.sprint_weeks_min limits.sprint_weeks_max", "planning/sprint-planning", WEEKS, "."),
    claim("limits.automation_rules_per_project", "execution/automation", r"N (?:rules|条规则)", "."),
    claim("limits.automation_actions_per_rule", "execution/automation", r"N (?:actions|个动作)", "."),
    claim("limits.template_tasks", "planning/project-templates", r"N (?:tasks|个任务)", "[Tt]emplate|模板"),
    claim("limits.baselines_per_project", "planning/milestones-and-baselines", r"N (?:baselines|条基线)", "."),
    claim("limits.dashboard_widgets", "monitoring/dashboards", r"N (?:widgets|个组件)|组件满 N 个", "."),
    claim("limits.report_schedule_recipients", "monitoring/reports", PEOPLE, "recipient|收件人"),
    claim("limits.calendar_refresh_hours", "integrations/git-and-calendar", HOURS, "feed|日历|订阅"),
    claim("api.page_size_default api.page_size_max", "integrations/api", ENTRIES, "page|list|每页"),
    claim("api.token_valid_days", "integrations/api", DAYS, "token|令牌"),
    claim("api.tokens_per_member", "integrations/api", r"N (?:API tokens|个 API 令牌)", "."),
    claim("api.webhook_timeout_seconds", "integrations/webhooks", SECONDS, "."),
    claim("api.webhook_attempts", "integrations/webhooks", TIMES, "delivery|推送"),
    claim("api.webhooks_per_project", "integrations/webhooks", r"N (?:webhooks|个 Webhook)", "."),
    claim("api.webhook_disabled_after_days", "integrations/webhooks", DAYS, "webhook|Webhook"),
    claim("api.rate_limit_status", "integrations/api", r"rate limit .*status N|频率限制.*状态码 N", "."),
    claim("mobile.ios_min", "execution/mobile-app", r"iOS N", "."),
    claim("mobile.android_min", "execution/mobile-app", r"Android N", "."),
    claim("mobile.offline_days", "execution/mobile-app", DAYS, "offline|connection|离线"),
    claim("time_tracking.smallest_entry_minutes", "execution/time-tracking", MINUTES, "entry|工时"),
    claim("time_tracking.lock_after_days", "execution/time-tracking", DAYS, "lock|锁定"),
    claim("time_tracking.timer_stops_after_hours", "execution/time-tracking", HOURS, "timer|计时"),
)
