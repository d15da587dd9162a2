"""Count a wave's questionnaires by person and by relationship along indexes that hold what is counted.

Each takes the place of a narrower one, so a launch writes as many as before. People are counted by organisation likewise;
that index is new, and written by imports only.

Revision ID: 0017_count_parts
Revises: 0016_promise_erasing
"""

import sqlalchemy as sa
from alembic import op

revision = '0017_count_parts'
down_revision = '0016_promise_erasing'
branch_labels = None
depends_on = None

OPEN = sa.text('submitted_at IS NULL')
BY_RELATIONSHIP = ['wave_id', 'relationship_id', 'function', 'influence', 'submitted_at']


def upgrade() -> None:
    op.create_index('ix_contact_by_organisation', 'contact', ['programme_id', 'organisation_id', 'id'])
    op.create_index('ix_assignment_by_person', 'assignment', ['wave_id', 'invitation_id', 'submitted_at'])
    op.drop_index('ix_assignment_open', table_name='assignment')
    op.create_index('ix_assignment_by_relationship', 'assignment', BY_RELATIONSHIP)
    op.drop_index('ix_assignment_wave_id_relationship_id_submitted_at', table_name='assignment')


def downgrade() -> None:
    op.create_index('ix_assignment_wave_id_relationship_id_submitted_at', 'assignment', ['wave_id', 'relationship_id', 'submitted_at'])
    op.drop_index('ix_assignment_by_relationship', table_name='assignment')
    op.create_index('ix_assignment_open', 'assignment', ['wave_id', 'invitation_id'], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index('ix_assignment_by_person', table_name='assignment')
    op.drop_index('ix_contact_by_organisation', table_name='contact')
