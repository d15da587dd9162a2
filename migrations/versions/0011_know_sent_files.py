"""Know which files were sent, and when last: only those are shown to whoever may read answers.

Revision ID: 0011_know_sent_files
Revises: 0010_respect_respondents
"""

import json
import uuid

import sqlalchemy as sa
from alembic import op

revision = '0011_know_sent_files'
down_revision = '0010_respect_respondents'
branch_labels = None
depends_on = None

FILE = sa.table('uploaded_file', sa.column('id', sa.Uuid()), sa.column('assignment_id', sa.Uuid()), sa.column('sent_at', sa.DateTime(timezone=True)))
RESPONSE = sa.table('response', sa.column('assignment_id', sa.Uuid()), sa.column('revision', sa.Integer()), sa.column('answers_json', sa.Text()), sa.column('submitted_at', sa.DateTime(timezone=True)))


def upgrade() -> None:
    with op.batch_alter_table('uploaded_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
    _note_what_was_sent()


def _note_what_was_sent() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(RESPONSE.c.answers_json, RESPONSE.c.submitted_at)
        .where(RESPONSE.c.assignment_id.in_(sa.select(FILE.c.assignment_id)))
        .order_by(RESPONSE.c.revision)
    ).all()
    for answers_json, submitted_at in rows:
        for value in json.loads(answers_json).values():
            if isinstance(value, dict) and 'file' in value:
                connection.execute(sa.update(FILE).where(FILE.c.id == uuid.UUID(value['file'])).values(sent_at=submitted_at))


def downgrade() -> None:
    with op.batch_alter_table('uploaded_file', schema=None) as batch_op:
        batch_op.drop_column('sent_at')
