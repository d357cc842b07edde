//! License terms.

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Serialize;

use dgov_data::licensing::{Geography, Stated};

use crate::manifest::values::{Amount, LicenseDuration, Purposes, Share, SpdxExpression, Sunset};

/// Terms under which datasets may be used: a license text, purposes and a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct License {
    /// SPDX expression of the license. `spdx` or `text` is required; `LicenseRef-` ids need both.
    pub spdx: Option<SpdxExpression>,
    /// File with the license text, relative to the manifest.
    #[schemars(with = "Option<String>")]
    pub text: Option<Utf8PathBuf>,
    /// Purposes that a buyer may use the data for.
    #[schemars(default)]
    pub allow: Purposes,
    /// Purposes that are forbidden. A purpose in neither list counts as forbidden; in both it is an error.
    #[schemars(default)]
    pub deny: Purposes,
    /// Price of one term: `0.01 ETH`, `5 gwei`, or an amount of a token of `[tokens]`. Free unless given.
    #[schemars(with = "Option<Amount>")]
    pub price: Amount,
    /// By how much each pass sold makes the next one dearer, in the currency of `price`: the price of a pass is `price` and
    /// this for each one sold before under these terms for the dataset. The price is fixed unless given.
    pub price_step: Option<Amount>,
    /// How long one purchase lasts; `forever` unless given.
    #[schemars(default)]
    pub duration: LicenseDuration,
    /// Whether the issuer may revoke a pass before it ends.
    #[schemars(default)]
    pub revocable: bool,
    /// Share of a licensee's own revenue that the license asks for; recorded on chain, not enforced there.
    #[schemars(default)]
    pub royalty: Share,
    /// Whether commercial use is permitted, where the SPDX id does not say it or says otherwise.
    pub commercial: Option<bool>,
    /// Whether attribution is required, where the SPDX id does not say it or says otherwise.
    pub attribution: Option<bool>,
    /// Whether what is derived must carry the same license, where the SPDX id does not say it or says otherwise.
    pub share_alike: Option<bool>,
    /// Where the data may be used: ISO 3166-1 alpha-2 codes, or `EU`. Anywhere unless given; `place` of `[training]` is compared
    /// with it.
    #[schemars(default, length(min = 1))]
    pub geography: Option<Vec<String>>,
    /// When the rights end, whatever a pass says: a date, from whose midnight (UTC) on nothing is permitted, or a time.
    #[schemars(with = "Option<String>")]
    pub expires: Option<Sunset>,
}

impl License {
    /// End of the rights, unix seconds.
    pub fn ends(&self) -> Option<i64> {
        match self.expires {
            Some(Sunset::At(moment)) => Some(moment.as_second()),
            Some(Sunset::After(_)) | None => None,
        }
    }

    /// What this table says of rights; [`Stated::rights`] of it are the rights that a buyer gets.
    pub fn stated(&self) -> Stated {
        let price = (!self.price.is_zero()).then(|| self.price.to_string());
        Stated {
            spdx: self.spdx.as_ref().map(|spdx| spdx.as_str().to_owned()),
            allow: self.allow,
            deny: self.deny,
            commercial: self.commercial,
            attribution: self.attribution,
            share_alike: self.share_alike,
            geography: self
                .geography
                .as_ref()
                .map_or(Geography::Anywhere, |places| Geography::Only(places.iter().cloned().collect())),
            expiry: self.ends(),
            price,
        }
    }
}
