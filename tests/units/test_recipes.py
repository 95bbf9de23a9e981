import json
import math
from dataclasses import fields, replace

import pytest

from cnn_course.recipes import Recipe

PLAIN = Recipe("adamw", 0.1, 16, steps=3)
NUMBERS = (
    "l2",
    "label_smoothing",
    "shift",
    "rotation",
    "zoom",
    "brightness",
    "contrast",
    "mixup",
    "weight_decay",
    "average",
)
WRONG = {
    "optimizer": ["SGD", "rmsprop", None, 1],
    "learning_rate": [0, -0.1, math.inf, math.nan, "0.1", None, True],
    "batch_size": [0, -1, 2.5, "32", True, math.nan],
    "epochs": [0, -1, 1.5, "3"],
    "steps": [0, -1, 1.5, "3"],
    "schedule": ["cosine", "", None],
    "fill": ["reflekt", "REFLECT", None],
    "flip": ["yes", None, 2],
    "seed": [-1, 2**32, 1.5, "1", True],
    **{name: [-0.1, math.inf, math.nan, "0.1", None, True] for name in NUMBERS},
}
WRONG["label_smoothing"] += [1, 2]
WRONG["average"] += [1, 2]
WRONG["zoom"] += [1, 1.5]


def test_the_wrong_values_leave_out_no_field():
    assert set(WRONG) == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_field_that_cannot_be_trained_with_is_named(name, value):
    change = {name: value} | ({"steps": None} if name == "epochs" else {})
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got .*\.$"):
        replace(PLAIN, **change)


@pytest.mark.parametrize("lengths", [{}, {"epochs": 1, "steps": 1}])
def test_a_recipe_says_how_long_in_one_way(lengths):
    with pytest.raises(ValueError, match="either epochs or steps"):
        Recipe("sgd", 0.1, 16, **lengths)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_weight_decay_belongs_to_adamw(optimizer):
    with pytest.raises(ValueError, match="weight_decay goes with optimizer 'adamw'"):
        Recipe(optimizer, 0.1, 16, epochs=1, weight_decay=0.1)


def test_a_record_of_the_settings_gives_the_recipe_back():
    recipe = replace(PLAIN, weight_decay=0.1, flip=True, fill="reflect")
    assert "epochs" not in recipe.settings
    assert Recipe(**json.loads(json.dumps(recipe.settings))) == recipe
