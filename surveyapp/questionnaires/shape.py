"""The difference between what authors write and what is stored."""

from typing import Final

from surveyapp.questionnaires.strict_yaml import Data

NAMED: Final = ("scales", "dimensions")


def with_named_entries(data: Data) -> Data:
    """Turn the author's ``agree7: {...}`` blocks into lists with ids, so that order survives storage."""
    if not isinstance(data, dict):
        return data
    blocks = {name: data[name] for name in NAMED if isinstance(data.get(name), dict)}
    return data | {
        name: [
            {**entry, "id": key} if isinstance(entry, dict) else entry
            for key, entry in block.items()
        ]
        for name, block in blocks.items()
    }
