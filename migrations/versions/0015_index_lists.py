"""Index what lists of people look through, so that they need not touch the rows.

Revision ID: 0015_index_lists
Revises: 0014_erase_unsent
"""

from alembic import op

revision = '0015_index_lists'
down_revision = '0014_erase_unsent'
branch_labels = None
depends_on = None

BY_NAME = ['programme_id', 'name', 'id', 'opted_out_at', 'bounced_at', 'locale']
STANDING = ['programme_id', 'side', 'contact_id', 'function', 'influence', 'from_on', 'until_on', 'relationship_id']


def upgrade() -> None:
    op.create_index('ix_contact_by_name', 'contact', BY_NAME)
    op.drop_index('ix_contact_programme_id_name', table_name='contact')
    op.create_index('ix_stakeholder_standing', 'stakeholder', STANDING)


def downgrade() -> None:
    op.drop_index('ix_stakeholder_standing', table_name='stakeholder')
    op.create_index('ix_contact_programme_id_name', 'contact', ['programme_id', 'name'])
    op.drop_index('ix_contact_by_name', table_name='contact')
