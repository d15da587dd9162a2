"""What a worker needs to make documents: WeasyPrint, what numbers rest on, the installation's key."""

from surveyapp.extensions import state
from surveyapp.reports import pdf
from surveyapp.reports.signing import SigningKey
from surveyapp.services import document_contexts, document_evidence
from surveyapp.services.scorecards import Press


def press() -> Press:
    """Return it for the running application."""
    settings = state().settings
    return Press(
        say=document_contexts.context_of,
        write_pdf=pdf.write,
        collect=document_evidence.collect,
        signer=SigningKey(settings.signing_key, signed_by=settings.signed_by),
    )
