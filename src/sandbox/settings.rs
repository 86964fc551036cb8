//! What the contracts leave open, as switches: `GET` and `PATCH /_sandbox/settings`. The defaults
//! are the contracts' own choices.

use serde::{Deserialize, Serialize};

/// One flat object. Names are the contracts'; delays are milliseconds of the sandbox's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named in a contract")]
pub struct Settings {
    /// Cobre: 30 requests a second, bursts of 200, for each token.
    pub rate_limit: bool,
    /// Cobre: a movement without the `idempotency` header is refused.
    pub require_idempotency: bool,
    /// Cobre: the same key with another body is 409 instead of the first answer again.
    pub strict_idempotency: bool,
    /// Cobre: an `external_id` that is in use is 409.
    pub strict_external_id: bool,
    /// Cobre: an amount written as a text of digits is refused.
    pub strict_amount: bool,
    pub allow_duplicate_counterparties: bool,
    /// Cobre: payouts in Colombia reach 1007 only, as in the provider's own test environment.
    pub qa_mode: bool,
    /// Cobre: an unknown path is 404 instead of 403.
    pub unknown_path_404: bool,
    /// Cobre: amounts that end in 01 to 04 are refused, bounced, stuck or returned.
    pub magic_amounts: bool,
    /// Cobre: texts of a checkout are held to the lengths and letters of one client.
    pub strict_checkout_text: bool,
    /// Cobre: ACH payments arrive with the cycles of Colombia's working days.
    pub real_hours: bool,
    /// Cobre: `pr_col_cobre` balances may have transfer accounts too.
    pub transfer_acc_any_balance: bool,
    pub page_size_default: u32,
    pub page_size_max: u32,
    /// The most that one Bre-B payment may carry, in centavos.
    pub breb_max_minor: i64,
    pub required_approvals: u32,
    pub approval_expiry_h: u32,
    /// How long after its QR is made a payer pays; 0: only when `POST …/pay` says so.
    pub payer_after_s: u32,
    /// Cobru: requests of one key in any minute, the framework's way; 0: as many as come.
    pub cobru_per_minute: u32,
    /// Cobru: life of an access token in seconds; 900 in the older manual.
    pub access_ttl_s: i64,
    /// Cobru: both URLs, `iva` and `client_assume_costs` are required to create a cobru.
    pub strict_create: bool,
    /// Cobru: withdrawals, cards and PINs in the form of the older manual.
    pub manual_forms: bool,
    /// Cobru: only cobrus made with `platform: "API"` are called back.
    pub callback_needs_api: bool,
    /// Cobru: callbacks are forms, as the sample of the older manual reads them.
    pub callback_as_form: bool,
    /// Cobru: `POST /{url}` answers with the array itself, not with a text that holds it.
    pub bare_array: bool,
    /// Cobru: the VAT on the commission is not taken off `payed_amount`.
    pub payed_without_vat: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit: true,
            require_idempotency: true,
            strict_idempotency: false,
            strict_external_id: false,
            strict_amount: false,
            allow_duplicate_counterparties: false,
            qa_mode: false,
            unknown_path_404: false,
            magic_amounts: false,
            strict_checkout_text: false,
            real_hours: false,
            transfer_acc_any_balance: false,
            page_size_default: 50,
            page_size_max: 100,
            breb_max_minor: 1_211_000_000,
            required_approvals: 1,
            approval_expiry_h: 72,
            payer_after_s: 0,
            cobru_per_minute: 0,
            access_ttl_s: 3600,
            strict_create: true,
            manual_forms: false,
            callback_needs_api: false,
            callback_as_form: false,
            bare_array: false,
            payed_without_vat: false,
        }
    }
}
