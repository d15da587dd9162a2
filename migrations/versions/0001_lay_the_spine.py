"""Lay the spine: programmes to scorecards.

Revision ID: 0001_lay_the_spine
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = '0001_lay_the_spine'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('programme',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('owner', sa.String(length=300), nullable=False),
    sa.Column('data_note', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("slug <> ''", name=op.f('ck_programme_slug_given')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme')),
    sa.UniqueConstraint('slug', name=op.f('uq_programme_slug'))
    )
    op.create_table('audit_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=100), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_audit_event_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_audit_event_programme_id_number'))
    )
    op.create_table('job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', name='jobstate', native_enum=False, length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.String(length=100), nullable=False),
    sa.Column('done_units', sa.Integer(), nullable=False),
    sa.Column('total_units', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f('ck_job_running_has_lease')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_job_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_state_due_at'), ['state', 'due_at'], unique=False)

    op.create_table('organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('country', sa.String(length=100), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_organisation_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_organisation_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'reference', name=op.f('uq_organisation_programme_id_reference'))
    )
    op.create_table('questionnaire_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_id', sa.String(length=100), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('canonical_json', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('version >= 1', name=op.f('ck_questionnaire_version_version_from_one')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_questionnaire_version_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire_version')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_questionnaire_version_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'questionnaire_id', 'version', name=op.f('uq_questionnaire_version_programme_id_questionnaire_id_version'))
    )
    op.create_table('contact',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_contact_email_in_lower_case')),
    sa.ForeignKeyConstraint(['programme_id', 'organisation_id'], ['organisation.programme_id', 'organisation.id'], name=op.f('fk_contact_programme_id_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_contact_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact')),
    sa.UniqueConstraint('programme_id', 'email', name=op.f('uq_contact_programme_id_email')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_contact_programme_id_id'))
    )
    op.create_table('relationship',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=False),
    sa.Column('supplier_id', sa.Uuid(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('product_line', sa.String(length=100), nullable=False),
    sa.Column('service_team', sa.String(length=100), nullable=False),
    sa.Column('region', sa.String(length=100), nullable=False),
    sa.Column('segment', sa.String(length=100), nullable=False),
    sa.Column('annual_value', sa.Numeric(precision=18, scale=2), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('renewal_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("annual_value IS NULL OR currency <> ''", name=op.f('ck_relationship_value_has_currency')),
    sa.CheckConstraint('annual_value IS NULL OR annual_value >= 0', name=op.f('ck_relationship_value_not_negative')),
    sa.CheckConstraint('buyer_id <> supplier_id', name=op.f('ck_relationship_two_organisations')),
    sa.ForeignKeyConstraint(['programme_id', 'buyer_id'], ['organisation.programme_id', 'organisation.id'], name=op.f('fk_relationship_programme_id_buyer_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id', 'parent_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_relationship_programme_id_parent_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'supplier_id'], ['organisation.programme_id', 'organisation.id'], name=op.f('fk_relationship_programme_id_supplier_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_relationship_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relationship')),
    sa.UniqueConstraint('programme_id', 'buyer_id', 'supplier_id', 'product_line', 'service_team', 'region', name=op.f('uq_relationship_programme_id_buyer_id_supplier_id_product_line_service_team_region')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_relationship_programme_id_id'))
    )
    op.create_table('wave',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('view', sa.Enum('buyer-on-supplier', 'supplier-on-buyer', 'supplier-on-itself', name='view', native_enum=False, length=32), nullable=False),
    sa.Column('questionnaire_version_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'scheduled', 'launching', 'open', 'paused', 'closed', name='wavestate', native_enum=False, length=32), nullable=False),
    sa.Column('list_rule', sa.JSON(), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('launched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_wave_closed_has_time')),
    sa.CheckConstraint("(state IN ('draft', 'scheduled')) = (launched_at IS NULL)", name=op.f('ck_wave_launched_has_time')),
    sa.ForeignKeyConstraint(['programme_id', 'questionnaire_version_id'], ['questionnaire_version.programme_id', 'questionnaire_version.id'], name=op.f('fk_wave_programme_id_questionnaire_version_id_questionnaire_version')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_wave_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wave')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_wave_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'slug', name=op.f('uq_wave_programme_id_slug'))
    )
    op.create_table('invitation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('generation >= 1', name=op.f('ck_invitation_generation_from_one')),
    sa.ForeignKeyConstraint(['programme_id', 'contact_id'], ['contact.programme_id', 'contact.id'], name=op.f('fk_invitation_programme_id_contact_id_contact')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_invitation_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_invitation_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_invitation_programme_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash')),
    sa.UniqueConstraint('wave_id', 'contact_id', name=op.f('uq_invitation_wave_id_contact_id'))
    )
    op.create_table('score_run',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(length=32), nullable=False),
    sa.Column('reference_set', sa.String(length=64), nullable=False),
    sa.Column('cut_set', sa.String(length=64), nullable=False),
    sa.Column('is_assumed', sa.Boolean(), nullable=False),
    sa.Column('plan_hash', sa.String(length=64), nullable=False),
    sa.Column('bundle_hash', sa.String(length=64), nullable=False),
    sa.Column('result_hash', sa.String(length=64), nullable=False),
    sa.Column('code_version', sa.String(length=32), nullable=False),
    sa.Column('cut_off_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('summary', sa.JSON(), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_score_run_number_from_one')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_score_run_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_score_run_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_run')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_score_run_programme_id_id')),
    sa.UniqueConstraint('wave_id', 'number', name=op.f('uq_score_run_wave_id_number'))
    )
    op.create_table('stakeholder',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=False),
    sa.Column('side', sa.Enum('buyer', 'supplier', name='side', native_enum=False, length=32), nullable=False),
    sa.Column('function', sa.Enum('procurement', 'it', 'security', 'legal', 'finance', 'operations', 'sales', 'executive sponsor', 'user', name='function', native_enum=False, length=32), nullable=False),
    sa.Column('influence', sa.Enum('decides', 'influences', 'uses', name='influence', native_enum=False, length=32), nullable=False),
    sa.Column('raci', sa.Enum('responsible', 'accountable', 'consulted', 'informed', name='raci', native_enum=False, length=32), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('from_on IS NULL OR until_on IS NULL OR from_on <= until_on', name=op.f('ck_stakeholder_from_before_until')),
    sa.ForeignKeyConstraint(['programme_id', 'contact_id'], ['contact.programme_id', 'contact.id'], name=op.f('fk_stakeholder_programme_id_contact_id_contact')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_stakeholder_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_stakeholder_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stakeholder')),
    sa.UniqueConstraint('programme_id', 'relationship_id', 'contact_id', 'side', name=op.f('uq_stakeholder_programme_id_relationship_id_contact_id_side'))
    )
    op.create_table('assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_version_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=22), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('buyer', 'supplier', name='side', native_enum=False, length=32), nullable=False),
    sa.Column('function', sa.Enum('procurement', 'it', 'security', 'legal', 'finance', 'operations', 'sales', 'executive sponsor', 'user', name='function', native_enum=False, length=32), nullable=False),
    sa.Column('influence', sa.Enum('decides', 'influences', 'uses', name='influence', native_enum=False, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['programme_id', 'invitation_id'], ['invitation.programme_id', 'invitation.id'], name=op.f('fk_assignment_programme_id_invitation_id_invitation')),
    sa.ForeignKeyConstraint(['programme_id', 'questionnaire_version_id'], ['questionnaire_version.programme_id', 'questionnaire_version.id'], name=op.f('fk_assignment_programme_id_questionnaire_version_id_questionnaire_version')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_assignment_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_assignment_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_assignment_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment')),
    sa.UniqueConstraint('invitation_id', 'relationship_id', 'questionnaire_version_id', name=op.f('uq_assignment_invitation_id_relationship_id_questionnaire_version_id')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_assignment_programme_id_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_assignment_slug'))
    )
    op.create_table('outgoing_mail',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('queued', 'claimed', 'sent', 'uncertain', 'failed', name='mailstate', native_enum=False, length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f('ck_outgoing_mail_claim_has_lease')),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_outgoing_mail_sent_has_time')),
    sa.ForeignKeyConstraint(['programme_id', 'invitation_id'], ['invitation.programme_id', 'invitation.id'], name=op.f('fk_outgoing_mail_programme_id_invitation_id_invitation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_outgoing_mail_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_mail')),
    sa.UniqueConstraint('invitation_id', 'step', name=op.f('uq_outgoing_mail_invitation_id_step'))
    )
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outgoing_mail_state_created_at'), ['state', 'created_at'], unique=False)

    op.create_table('release',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('cut', sa.String(length=200), nullable=False),
    sa.Column('audience', sa.String(length=200), nullable=False),
    sa.Column('cells_hash', sa.String(length=64), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'run_id'], ['score_run.programme_id', 'score_run.id'], name=op.f('fk_release_programme_id_run_id_score_run')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_release_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_release_programme_id_id')),
    sa.UniqueConstraint('run_id', 'cut', 'audience', 'cells_hash', name=op.f('uq_release_run_id_cut_audience_cells_hash'))
    )
    op.create_table('score',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=False),
    sa.Column('measure', sa.Enum('seq', 'engagement', 'climate', name='measure', native_enum=False, length=32), nullable=False),
    sa.Column('dimension', sa.String(length=100), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('standard_error', sa.Double(), nullable=False),
    sa.Column('z', sa.Double(), nullable=False),
    sa.Column('z_standard_error', sa.Double(), nullable=False),
    sa.Column('probabilities', sa.JSON(), nullable=False),
    sa.Column('call', sa.String(length=32), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('below_midpoint', sa.Double(), nullable=True),
    sa.CheckConstraint('n >= 0', name=op.f('ck_score_n_not_negative')),
    sa.CheckConstraint('standard_error >= 0 AND z_standard_error >= 0', name=op.f('ck_score_errors_not_negative')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_score_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'run_id'], ['score_run.programme_id', 'score_run.id'], name=op.f('fk_score_programme_id_run_id_score_run')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_score_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score')),
    sa.UniqueConstraint('run_id', 'relationship_id', 'measure', 'dimension', name=op.f('uq_score_run_id_relationship_id_measure_dimension'))
    )
    op.create_table('draft_answer',
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.String(length=100), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_draft_answer_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_draft_answer_programme_id_programme')),
    sa.PrimaryKeyConstraint('assignment_id', 'item_id', name=op.f('pk_draft_answer'))
    )
    op.create_table('held_page',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('section_id', sa.String(length=100), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_held_page_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_held_page_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_held_page'))
    )
    op.create_table('response',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('answers_json', sa.Text(), nullable=False),
    sa.Column('vector', sa.JSON(), nullable=False),
    sa.Column('plan_hash', sa.String(length=64), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('revision >= 1', name=op.f('ck_response_revision_from_one')),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_response_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_response_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response')),
    sa.UniqueConstraint('assignment_id', 'revision', name=op.f('uq_response_assignment_id_revision'))
    )
    op.create_table('saved_section',
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('section_id', sa.String(length=100), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('version >= 1', name=op.f('ck_saved_section_version_from_one')),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_saved_section_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_saved_section_programme_id_programme')),
    sa.PrimaryKeyConstraint('assignment_id', 'section_id', name=op.f('pk_saved_section'))
    )
    op.create_table('scorecard',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=True),
    sa.Column('cut', sa.String(length=200), nullable=False),
    sa.Column('pack', sa.String(length=64), nullable=False),
    sa.Column('pack_hash', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('state', sa.Enum('queued', 'ready', name='scorecardstate', native_enum=False, length=32), nullable=False),
    sa.Column('context_json', sa.Text(), nullable=False),
    sa.Column('release_id', sa.Uuid(), nullable=True),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name=op.f('ck_scorecard_ready_has_time')),
    sa.CheckConstraint("state <> 'ready' OR (file_sha256 <> '' AND release_id IS NOT NULL)", name=op.f('ck_scorecard_ready_has_file_and_release')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_scorecard_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'release_id'], ['release.programme_id', 'release.id'], name=op.f('fk_scorecard_programme_id_release_id_release')),
    sa.ForeignKeyConstraint(['programme_id', 'run_id'], ['score_run.programme_id', 'score_run.id'], name=op.f('fk_scorecard_programme_id_run_id_score_run')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_scorecard_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scorecard')),
    sa.UniqueConstraint('run_id', 'cut', 'pack_hash', 'locale', name=op.f('uq_scorecard_run_id_cut_pack_hash_locale'))
    )


def downgrade() -> None:
    op.drop_table('scorecard')
    op.drop_table('saved_section')
    op.drop_table('response')
    op.drop_table('held_page')
    op.drop_table('draft_answer')
    op.drop_table('score')
    op.drop_table('release')
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outgoing_mail_state_created_at'))

    op.drop_table('outgoing_mail')
    op.drop_table('assignment')
    op.drop_table('stakeholder')
    op.drop_table('score_run')
    op.drop_table('invitation')
    op.drop_table('wave')
    op.drop_table('relationship')
    op.drop_table('contact')
    op.drop_table('questionnaire_version')
    op.drop_table('organisation')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_state_due_at'))

    op.drop_table('job')
    op.drop_table('audit_event')
    op.drop_table('programme')
