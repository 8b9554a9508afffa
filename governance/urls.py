from django.urls import path

from governance.views import rule_activation, rule_cases, rule_drafts, rule_files, rules

urlpatterns = [
    path("rules/", rules.RuleList.as_view(), name="rule-list"),
    path("rules/new/", rule_drafts.RuleCreate.as_view(), name="rule-create"),
    path("rules/import/", rule_files.RuleImport.as_view(), name="rule-import"),
    path("rules/export/", rule_files.RulebookExport.as_view(), name="rulebook-export"),
    path("rules/<slug:code>/", rules.RulePage.as_view(), name="rule"),
    path("rules/<slug:code>/care/", rules.RuleCare.as_view(), name="rule-care"),
    path("rules/<slug:code>/compare/", rules.RuleCompare.as_view(), name="rule-compare"),
    path("rules/<slug:code>/export/", rule_files.RuleExport.as_view(), name="rule-export"),
    path("rules/<slug:code>/retire/", rules.RuleRetire.as_view(), name="rule-retire"),
    path("rules/<slug:code>/draft/", rule_drafts.RuleDraft.as_view(), name="rule-draft"),
    path("rules/<slug:code>/draft/open/", rule_drafts.RuleDraftOpen.as_view(), name="rule-draft-open"),
    path("rules/<slug:code>/draft/drop/", rule_drafts.RuleDraftDrop.as_view(), name="rule-draft-drop"),
    path("rules/<slug:code>/cases/new/", rule_cases.RuleCaseCreate.as_view(), name="rule-case-create"),
    path("rules/<slug:code>/cases/<int:pk>/", rule_cases.RuleCaseEdit.as_view(), name="rule-case-edit"),
    path("rules/<slug:code>/cases/<int:pk>/remove/", rule_cases.RuleCaseRemove.as_view(), name="rule-case-remove"),
    path("rules/<slug:code>/rehearse/", rule_activation.RuleRehearse.as_view(), name="rule-rehearse"),
    path("rules/<slug:code>/rehearsal/", rule_activation.RuleRehearsal.as_view(), name="rule-rehearsal"),
    path("rules/<slug:code>/activate/", rule_activation.RuleActivate.as_view(), name="rule-activate"),
    path("ballots/<int:pk>/", rules.RuleList.as_view(), name="ballot"),
]
