"""Hand out PDFs: all the questions of a questionnaire, and for a short while a respondent's own copy.

Revision ID: 0012_hand_out_pdfs
Revises: 0011_know_sent_files
"""

import sqlalchemy as sa
from alembic import op

revision = '0012_hand_out_pdfs'
down_revision = '0011_know_sent_files'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('question_list',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_version_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('context_sha256', sa.String(length=64), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size > 0', name=op.f('ck_question_list_size_positive')),
    sa.ForeignKeyConstraint(['programme_id', 'questionnaire_version_id'], ['questionnaire_version.programme_id', 'questionnaire_version.id'], name=op.f('fk_question_list_programme_id_questionnaire_version_id_questionnaire_version')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_question_list_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_list')),
    sa.UniqueConstraint('programme_id', 'context_sha256', name=op.f('uq_question_list_programme_id_context_sha256'))
    )
    op.create_table('answer_copy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(content IS NULL) = (made_at IS NULL)', name=op.f('ck_answer_copy_made_has_time')),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_answer_copy_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_answer_copy_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_copy')),
    sa.UniqueConstraint('assignment_id', name=op.f('uq_answer_copy_assignment_id'))
    )
    with op.batch_alter_table('answer_copy', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_copy_expires_at'), ['expires_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('answer_copy', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_copy_expires_at'))

    op.drop_table('answer_copy')
    op.drop_table('question_list')
