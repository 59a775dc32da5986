"""How a review is signed."""

import pytest

from apps.names import public_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("김철수", "김*수"),
        ("김철", "김*"),
        ("남궁별", "남*별"),
        ("황보 태양", "황**양"),
        ("Alice Kim", "Alice K."),
        ("Maria da Conceição dos Santos", "Maria S."),
        ("Watanabe kenji", "Watanabe K."),
        ("Sukarno", "S."),
        ("김 Alice", "김 A."),
        ("Łukasz  Wójcik", "Łukasz W."),
        ("가", "가"),
        ("", ""),
        ("🙂", "🙂."),
    ],
)
def test_public_name_hides_what_strangers_need_not_know(name, shown):
    assert public_name(name) == shown
