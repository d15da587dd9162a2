"""The JSON Schema of questionnaire.yaml, for editors that complete and check while typing.

``python -m surveyapp.questionnaires.schema > questionnaires/schema.json`` writes it anew.
"""

import json
import sys
from typing import Any

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.shape import NAMED


def json_schema() -> str:
    """Write the schema of what authors write; ``questionnaires/schema.json`` is this text."""
    schema = Questionnaire.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    properties: dict[str, Any] = schema["properties"]
    del properties["translations"]
    for name, model in zip(NAMED, ("Scale", "Dimension"), strict=True):
        properties[name] = {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
            "additionalProperties": {"$ref": f"#/$defs/{model}"},
        }
        _without_id(schema["$defs"][model])
    for name in ("Wording", "AssuredWording", "ItemWording", "ScaleWording", "SectionWording"):
        del schema["$defs"][name]
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _without_id(model: dict[str, Any]) -> None:
    """The author's key is the id."""
    del model["properties"]["id"]
    model["required"] = [name for name in model.get("required", []) if name != "id"]


if __name__ == "__main__":
    sys.stdout.write(json_schema())
