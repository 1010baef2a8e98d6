from bot.services.statements import Source, Statement, says_something, telling, tokens


def test_words_of_one_meaning_are_one_token() -> None:
    assert tokens("Select the three boards") == tokens("choose the 3 board")
    assert tokens("单击三個看板") == tokens("点击 3 个看板")


def test_layout_and_addresses_are_no_words() -> None:
    assert tokens("- **Open** `x` at https://a.example/b") == tokens("Open x at")


def test_a_source_is_its_sentences_items_and_headings() -> None:
    source = Source.of("One. Two!\n\n- [Three](a.md)", ["Title", "Section"])
    assert [statement.text for statement in source.statements] == ["One.", "Two!", "Three"]
    assert source.context == Statement("Title\nSection")


def test_grammar_says_nothing() -> None:
    assert [word for word in tokens("you can please see the board") if says_something(word)] == [
        "board"
    ]
    assert telling("不可以通过看板").split() == ["看板"]
