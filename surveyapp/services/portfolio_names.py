"""What the reader of a portfolio calls its relationships."""

from collections import Counter
from collections.abc import Sequence

from surveyapp.models.accounts import Relationship
from surveyapp.services import results


class Naming:
    """What the reader calls a relationship: by the side that differs."""

    def __init__(self, relationships: Sequence[Relationship]) -> None:
        buyers = {each.buyer_id for each in relationships}
        suppliers = {each.supplier_id for each in relationships}
        self._by_buyer, self._by_supplier = len(suppliers) == 1, len(buyers) == 1
        sides = Counter(self._side(each) for each in relationships)
        self._doubled = {side for side, count in sides.items() if count > 1}
        self.noun = "relationships"
        if not self._doubled and self._by_buyer:
            self.noun = "customers"
        elif not self._doubled and self._by_supplier:
            self.noun = "suppliers"

    def of(self, relationship: Relationship) -> str:
        """Return the name of one of them, narrowed where the side alone is not enough."""
        side = self._side(relationship)
        narrowed = results.narrowed_by(relationship)
        return f"{side} ({', '.join(narrowed)})" if side in self._doubled and narrowed else side

    def _side(self, relationship: Relationship) -> str:
        if self._by_buyer:
            return relationship.buyer.name
        if self._by_supplier:
            return relationship.supplier.name
        return f"{relationship.buyer.name} and {relationship.supplier.name}"
