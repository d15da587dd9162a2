"""Count a large wave along indexes that hold what is counted.

Revision ID: 0013_count_waves
Revises: 0012_hand_out_pdfs
"""

import sqlalchemy as sa
from alembic import op

revision = '0013_count_waves'
down_revision = '0012_hand_out_pdfs'
branch_labels = None
depends_on = None

OPEN = sa.text('submitted_at IS NULL')
ENTERED = sa.text('entered_by IS NOT NULL')


def upgrade() -> None:
    op.create_index('ix_invitation_wave_id_started_at', 'invitation', ['wave_id', 'started_at'])
    op.create_index('ix_response_entered', 'response', ['programme_id', 'assignment_id'], sqlite_where=ENTERED, postgresql_where=ENTERED)
    op.create_index('ix_assignment_open', 'assignment', ['wave_id', 'invitation_id'], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_assignment_wave_id_relationship_id_submitted_at', 'assignment', ['wave_id', 'relationship_id', 'submitted_at'])
    op.drop_index('ix_assignment_wave_id_relationship_id', table_name='assignment')


def downgrade() -> None:
    op.create_index('ix_assignment_wave_id_relationship_id', 'assignment', ['wave_id', 'relationship_id'])
    op.drop_index('ix_assignment_wave_id_relationship_id_submitted_at', table_name='assignment')
    op.drop_index('ix_response_entered', table_name='response')
    op.drop_index('ix_assignment_open', table_name='assignment')
    op.drop_index('ix_invitation_wave_id_started_at', table_name='invitation')
