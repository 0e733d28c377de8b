"""Hidden seeds: whoever plays back the answers that another seed asks for doesn't pass."""

import pytest

from grader import kit
from grader.answer_key import AnswerKey
from grader.judgement import difference

# Parts with answers that aren't full of numbers drawn from the seed, and so could be the same for all seeds.
PARTS = {
    "8": {"calculate_gain"},
    "12-2": {"approximate"},
    "13": {"contraction", "stable_lr", "optimal_lr"},
    "13-2": {"explain_step", "predicted_change", "critical_lr", "sharpness"},
    "14": {"classify_critical_point"},
    "14-2": {"certificate", "piyavskii_shubert"},
    "15-2": {"exact_overlap", "clean_split", "id_overlap", "conflicting_labels"},
    "18-2": {"count_evaluations", "gradcheck"},
}


@pytest.mark.parametrize("number", PARTS)
def test_answers_to_one_seed_are_wrong_for_another(number: str) -> None:
    entry = kit.find(kit.builtin(), number)
    public, hidden = AnswerKey(entry, 0), AnswerKey(entry, 123)
    caught = set()
    for known, asked in zip(public.questions(), hidden.questions(), strict=True):
        name = asked.part.name
        if name not in PARTS[number] - caught:
            continue
        if difference(asked, public.reply(known).outcome, hidden.reply(asked).outcome):
            caught.add(name)
    assert caught == PARTS[number]
