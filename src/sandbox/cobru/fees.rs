//! What Cobru keeps of a payment and of a withdrawal (contract 14.2). Minor units, integers only.
//!
//! The provider documents no tariff. The constants here reproduce both answers seen live and every
//! full sample of the older manual; they are the sandbox's own choice [inf].

/// Constants of the tariff, all in one place so that a scenario can change them [inf].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// Least commission of a cobru, in centavos.
    pub cobru_fee_min: i64,
    /// Commission of a cobru in hundredths of a percent of its amount.
    pub cobru_fee_bp: i64,
    /// Fixed part of the commission of a cobru, in centavos.
    pub cobru_fee_fixed: i64,
    /// VAT on every commission, in percent.
    pub vat_percent: i64,
    /// Commission of a withdrawal to a bank or to a Bre-B key, in centavos.
    pub withdraw_fee: i64,
    /// Tax on money that leaves (4×1000), in hundredths of a percent.
    pub gmf_bp: i64,
    /// Commission of a cash withdrawal in hundredths of a percent.
    pub cash_fee_bp: i64,
    /// The arithmetic of the create sample of [doc]: the VAT is not taken off `payed_amount`.
    pub payed_without_vat: bool,
}

impl Default for Tariff {
    fn default() -> Self {
        Self {
            cobru_fee_min: 200_000,
            cobru_fee_bp: 299,
            cobru_fee_fixed: 90_000,
            vat_percent: 19,
            withdraw_fee: 200_000,
            gmf_bp: 40,
            cash_fee_bp: 300,
            payed_without_vat: false,
        }
    }
}

/// How the amount of a cobru is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// What the payer pays.
    pub amount: i64,
    pub fee: i64,
    pub vat: i64,
    /// What the owner's balance receives.
    pub payed: i64,
}

/// How the amount of a bank withdrawal is shared out; it all leaves the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawShares {
    pub amount: i64,
    pub fee: i64,
    pub vat: i64,
    pub gmf: i64,
    pub payed: i64,
}

impl Tariff {
    /// Shares of a cobru over `sent` centavos; with `payer_assumes` the costs go on top of it.
    pub fn cobru(&self, sent: i64, payer_assumes: bool) -> Shares {
        let fee = to_peso(share(sent, self.cobru_fee_bp)).saturating_add(self.cobru_fee_fixed);
        let fee = fee.max(self.cobru_fee_min);
        let vat = percent(fee, self.vat_percent);
        let costs = if self.payed_without_vat { fee } else { fee.saturating_add(vat) };
        if payer_assumes {
            let amount = up_to_peso(sent.saturating_add(fee).saturating_add(vat));
            Shares { amount, fee, vat, payed: sent }
        } else {
            Shares { amount: sent, fee, vat, payed: sent.saturating_sub(costs) }
        }
    }

    /// Shares of a withdrawal to a Colombian account or key.
    pub fn bank_withdraw(&self, amount: i64) -> WithdrawShares {
        let fee = self.withdraw_fee;
        let vat = percent(fee, self.vat_percent);
        let gmf = share(amount, self.gmf_bp);
        let payed = amount.saturating_sub(fee).saturating_sub(vat).saturating_sub(gmf);
        WithdrawShares { amount, fee, vat, gmf, payed }
    }

    /// Commission of a cash withdrawal (10 000 asked, 9 700 handed out [doc]).
    pub fn cash(&self, amount: i64) -> i64 {
        share(amount, self.cash_fee_bp)
    }
}

/// VAT that is inside `amount` at `rate_bp` hundredths of a percent [inf].
pub fn vat_inside(amount: i64, rate_bp: i64) -> i64 {
    divide_half_up(i128::from(amount) * i128::from(rate_bp), 10_000 + i128::from(rate_bp))
}

fn share(amount: i64, basis_points: i64) -> i64 {
    divide_half_up(i128::from(amount) * i128::from(basis_points), 10_000)
}

fn percent(amount: i64, rate: i64) -> i64 {
    divide_half_up(i128::from(amount) * i128::from(rate), 100)
}

/// Centavos rounded half up to a whole peso.
fn to_peso(minor: i64) -> i64 {
    divide_half_up(i128::from(minor), 100).saturating_mul(100)
}

/// Centavos rounded up to a whole peso.
fn up_to_peso(minor: i64) -> i64 {
    minor.saturating_add(99).div_euclid(100).saturating_mul(100)
}

fn divide_half_up(value: i128, by: i128) -> i64 {
    let doubled = value.saturating_mul(2).saturating_add(by);
    i64::try_from(doubled.div_euclid(by.saturating_mul(2))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_contract_come_out() {
        let tariff = Tariff::default();
        let roble = Shares { amount: 18_500_000, fee: 643_200, vat: 122_208, payed: 17_734_592 };
        assert_eq!(tariff.cobru(18_500_000, false), roble);
        let live = Shares { amount: 1_000_000, fee: 200_000, vat: 38_000, payed: 762_000 };
        assert_eq!(tariff.cobru(1_000_000, false), live);
        let [doc] = [tariff.cobru(5_000_000, false)];
        assert_eq!(doc.fee, 239_500);
    }

    #[test]
    fn the_create_sample_of_the_doc_leaves_the_vat_out() {
        let tariff = Tariff { payed_without_vat: true, ..Tariff::default() };
        assert_eq!(tariff.cobru(5_000_000, false).payed, 4_760_500);
    }

    #[test]
    fn a_payer_who_assumes_the_costs_pays_whole_pesos_and_the_owner_gets_all() {
        let shares = Tariff::default().cobru(10_000_001, true);
        assert_eq!(shares.payed, 10_000_001);
        assert_eq!(shares.amount % 100, 0);
        let rest = shares.amount - shares.payed - shares.fee - shares.vat;
        assert!((0..100).contains(&rest), "{rest}");
    }

    #[test]
    fn a_withdrawal_loses_fee_vat_and_the_four_per_thousand() {
        let shares = Tariff::default().bank_withdraw(4_200_000);
        let flete =
            WithdrawShares { amount: 4_200_000, fee: 200_000, vat: 38_000, gmf: 16_800, payed: 3_945_200 };
        assert_eq!(shares, flete);
        assert_eq!(Tariff::default().cash(1_000_000), 30_000);
    }

    #[test]
    fn vat_of_the_sale_is_inside_the_amount() {
        assert_eq!(vat_inside(11_900, 1_900), 1_900);
        assert_eq!(vat_inside(11_900, 0), 0);
    }
}
