import pytest

from bot.domain.conversation import Locale
from bot.services.language import LanguageDetector, clean, simplify

DETECTOR = LanguageDetector()

CHINESE = """
怎么用 API token 调用 webhook
甘特图
導入時報錯 Error: could not connect to the server because it is not available
TypeError: cannot read property of undefined 导入的时候报这个错，怎么办
Slack 集成
可以 talk to a real person 吗
优の良品怎么集成
点 Save 之后提示 You do not have permission
"How do I get started" 这个页面打不开
""".strip().splitlines()

ENGLISH = """
how do I reset my password
how to use 甘特图
What does 我没有权限 mean
Does the manual say “未授权” anywhere?
agile sprint backlog burndown velocity
connect Jira Confluence Slack
docker compose postgres redis nginx
what does "Zugriff verweigert" mean
what does ошибка mean
comment on a task
comment notifications missing
was no email sent
come back later
Le Monde template missing
La Poste integration broken
Maria de la Cruz cannot log in
see https://example.com/wie/kann/ich/das/machen please
`por qué no puedo` fails, why
""".strip().splitlines()

FOREIGN = """
Wie kann ich ein neues Projekt anlegen?
Comment puis-je inviter un membre dans mon équipe ?
Comment inviter un membre ?
Donde estan mis facturas
Was kostet der Business Plan
Come invitare un membro
Onde encontro as faturas
Impossible de se connecter
Quiero exportar mis tareas a Excel
Como faço para convidar um convidado para o projeto?
Jak mogę zaprosić użytkownika do projektu?
Hvordan kan jeg slette en opgave?
Làm thế nào để xuất dữ liệu ra Excel?
タスクをエクスポートする方法
비밀번호를 재설정하려면 어떻게 해야 하나요?
как настроить webhook в Jira
كيف يمكنني إعادة تعيين كلمة المرور؟
จะรีเซ็ตรหัสผ่านได้อย่างไร
""".strip().splitlines()


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_stays_chinese_around_foreign_words(text: str) -> None:
    assert DETECTOR.detect(text).locale is Locale.ZH


@pytest.mark.parametrize("text", ENGLISH)
def test_english_stays_english_around_names_and_quotations(text: str) -> None:
    assert DETECTOR.detect(text).locale is Locale.EN


@pytest.mark.parametrize("text", FOREIGN)
def test_a_third_language_is_told_apart(text: str) -> None:
    language = DETECTOR.detect(text)
    assert language.foreign
    assert language.locale is None


@pytest.mark.parametrize("text", ["", "???", "42", "😀😀", "…… 。。"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    language = DETECTOR.detect(text)
    assert (language.locale, language.foreign) == (None, False)


@pytest.mark.parametrize(
    "text", ["OK", "kanban", "WebhookSecret", "bonjour", "NullPointerException at com.example.Main"]
)
def test_a_single_word_or_pasted_output_is_doubtful(text: str) -> None:
    assert DETECTOR.detect(text).doubtful


def test_a_sentence_is_not_doubtful() -> None:
    assert not DETECTOR.detect("reset my password").doubtful


def test_traditional_characters_become_simplified_and_the_rest_stays() -> None:
    assert simplify("請幫我匯出 Board A") == "请帮我汇出 Board A"


def test_clean_drops_what_cannot_be_seen() -> None:
    assert clean("re\u200bset \x00 my\u202e\tpassword \n\n now\ufeff") == "reset my password\nnow"
