//! What columns are called, in Spanish and English, by Cobre's templates and by everyone else.

use crate::i18n::fold;

/// What a column of a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Amount,
    Currency,
    Counterparty,
    Name,
    DocumentType,
    Document,
    Bank,
    AccountType,
    Account,
    Key,
    Clabe,
    Tag,
    Description,
    Reference,
    ExternalId,
    Email,
    Phone,
    Source,
    Geo,
    Type,
    Alias,
}

impl Column {
    pub const ALL: [Self; 21] = [
        Self::Amount,
        Self::Currency,
        Self::Counterparty,
        Self::Name,
        Self::DocumentType,
        Self::Document,
        Self::Bank,
        Self::AccountType,
        Self::Account,
        Self::Key,
        Self::Clabe,
        Self::Tag,
        Self::Description,
        Self::Reference,
        Self::ExternalId,
        Self::Email,
        Self::Phone,
        Self::Source,
        Self::Geo,
        Self::Type,
        Self::Alias,
    ];

    /// Its name in the word files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Amount => "bulk.column.amount",
            Self::Currency => "bulk.column.currency",
            Self::Counterparty => "bulk.column.counterparty",
            Self::Name => "bulk.column.name",
            Self::DocumentType => "bulk.column.document_type",
            Self::Document => "bulk.column.document",
            Self::Bank => "bulk.column.bank",
            Self::AccountType => "bulk.column.account_type",
            Self::Account => "bulk.column.account",
            Self::Key => "bulk.column.key",
            Self::Clabe => "bulk.column.clabe",
            Self::Tag => "bulk.column.tag",
            Self::Description => "bulk.column.description",
            Self::Reference => "bulk.column.reference",
            Self::ExternalId => "bulk.column.external_id",
            Self::Email => "bulk.column.email",
            Self::Phone => "bulk.column.phone",
            Self::Source => "bulk.column.source",
            Self::Geo => "bulk.column.geo",
            Self::Type => "bulk.column.type",
            Self::Alias => "bulk.column.alias",
        }
    }

    /// As a mapping by hand and JSON call it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Counterparty => "destination_id",
            Self::Name => "counterparty_fullname",
            Self::DocumentType => "counterparty_id_type",
            Self::Document => "counterparty_id_number",
            Self::Bank => "beneficiary_institution",
            Self::AccountType => "account_type",
            Self::Account => "account_number",
            Self::Key => "key_value",
            Self::Clabe => "clabe",
            Self::Tag => "cobre_tag",
            Self::Description => "description",
            Self::Reference => "reference",
            Self::ExternalId => "external_id",
            Self::Email => "counterparty_email",
            Self::Phone => "counterparty_phone",
            Self::Source => "source_id",
            Self::Geo => "geo",
            Self::Type => "type",
            Self::Alias => "alias",
        }
    }

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    /// Its names beside the code, folded and with single blanks.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Amount => &[
                "valor",
                "monto",
                "importe",
                "valor a pagar",
                "valor pago",
                "valor del pago",
                "valor transaccion",
                "valor neto",
                "neto a pagar",
                "neto",
                "total a pagar",
                "value",
                "amount to pay",
                "payment amount",
                "net pay",
                "amount cop",
                "monto a pagar",
                "valor girado",
                "salario neto",
                "total",
            ],
            Self::Currency => &["moneda", "divisa", "currency code", "mon"],
            Self::Counterparty => &[
                "destino id",
                "id destino",
                "id contraparte",
                "counterparty id",
                "contraparte",
                "destination",
                "cp id",
                "id counterparty",
            ],
            Self::Name => &[
                "nombre",
                "beneficiario",
                "nombre beneficiario",
                "nombre del beneficiario",
                "titular",
                "nombre completo",
                "razon social",
                "nombre titular",
                "proveedor",
                "empleado",
                "name",
                "full name",
                "beneficiary",
                "beneficiary name",
                "payee",
                "payee name",
                "counterparty name",
                "employee",
                "vendor",
                "nombre o razon social",
                "nombres y apellidos",
                "nombre contraparte",
                "counterparty",
            ],
            Self::DocumentType => &[
                "tipo documento",
                "tipo de documento",
                "tipo id",
                "tipo identificacion",
                "tipo de identificacion",
                "tipo doc",
                "document type",
                "id type",
                "tipo nit",
                "tipo identificacion beneficiario",
            ],
            Self::Document => &[
                "documento",
                "numero documento",
                "numero de documento",
                "no documento",
                "nro documento",
                "identificacion",
                "numero identificacion",
                "numero de identificacion",
                "nit",
                "cedula",
                "cc",
                "nit cc",
                "document",
                "document number",
                "id number",
                "tax id",
                "rfc",
                "curp",
                "rfc curp",
                "nit beneficiario",
                "identificacion beneficiario",
                "doc",
            ],
            Self::Bank => &[
                "banco",
                "banco destino",
                "entidad",
                "entidad bancaria",
                "entidad financiera",
                "codigo banco",
                "cod banco",
                "institucion",
                "bank",
                "bank code",
                "bank name",
                "institution",
                "banco beneficiario",
                "nombre banco",
                "financial institution",
            ],
            Self::AccountType => &[
                "tipo cuenta",
                "tipo de cuenta",
                "tipo cta",
                "account type",
                "clase de cuenta",
                "tipo producto",
                "tipo de producto",
                "kind of account",
            ],
            Self::Account => &[
                "cuenta",
                "numero cuenta",
                "numero de cuenta",
                "no cuenta",
                "nro cuenta",
                "cuenta destino",
                "cuenta beneficiario",
                "cta",
                "account",
                "account no",
                "beneficiary account",
                "no de cuenta",
                "producto",
                "numero producto",
                "cuenta bancaria",
                "bank account",
            ],
            Self::Key => &[
                "llave",
                "llave bre b",
                "llave breb",
                "bre b",
                "breb",
                "bre b key",
                "breb key",
                "key",
                "alias bre b",
            ],
            Self::Clabe => &["cuenta clabe", "clabe interbancaria"],
            Self::Tag => &["tag", "cobre tag", "tag cobre"],
            Self::Description => &[
                "descripcion",
                "concepto",
                "detalle",
                "motivo",
                "concepto de pago",
                "descripcion del pago",
                "concept",
                "detail",
                "memo",
                "purpose",
                "observaciones",
                "observacion",
            ],
            Self::Reference => {
                &["referencia", "ref", "referencia numerica", "numeric reference", "reference number"]
            }
            Self::ExternalId => &[
                "id externo",
                "identificador externo",
                "factura",
                "numero factura",
                "numero de factura",
                "no factura",
                "invoice",
                "invoice number",
                "su referencia",
                "id pago",
                "payment id",
                "external",
                "external reference",
            ],
            Self::Email => &["correo", "correo electronico", "email", "e mail", "mail"],
            Self::Phone => {
                &["telefono", "celular", "movil", "phone", "mobile", "phone number", "numero celular"]
            }
            Self::Source => &[
                "origen",
                "cuenta origen",
                "id origen",
                "source",
                "source account",
                "cuenta debitada",
                "balance origen",
            ],
            Self::Geo => &["pais", "country"],
            Self::Type => &["tipo", "tipo contraparte", "counterparty type", "tipo de contraparte"],
            Self::Alias => &["apodo", "nickname", "alias contraparte"],
        }
    }

    /// The column that a heading names.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let folded = words(heading);
        if folded.is_empty() || folded.len() > 60 {
            return None;
        }
        Self::ALL.into_iter().find(|column| {
            words(column.code()) == folded || column.names().iter().any(|name| *name == folded)
        })
    }
}

/// Folded, without marks: `Nº de cuenta (*)` and `n de cuenta` are one; `No.` is written `no`.
fn words(heading: &str) -> String {
    let folded = fold(heading);
    let mut out = String::with_capacity(folded.len());
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(match word {
            "n" | "nº" | "num" | "nro" => "numero",
            other => other,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_both_languages_are_known() {
        for (heading, column) in [
            ("Valor", Column::Amount),
            ("VALOR A PAGAR ($)", Column::Amount),
            ("amount", Column::Amount),
            ("Número de Cuenta", Column::Account),
            ("N° de cuenta", Column::Account),
            ("account_number", Column::Account),
            ("Nombre del Beneficiario", Column::Name),
            ("counterparty_fullname", Column::Name),
            ("Tipo de documento", Column::DocumentType),
            ("NIT/CC", Column::Document),
            ("Llave Bre-B", Column::Key),
            ("CLABE", Column::Clabe),
            ("Código banco", Column::Bank),
            ("Concepto", Column::Description),
        ] {
            assert_eq!(Column::of_heading(heading), Some(column), "{heading}");
        }
        for no in ["", "Pagos de nómina", "1.200.000", "x"] {
            assert_eq!(Column::of_heading(no), None, "{no}");
        }
    }

    #[test]
    fn no_name_means_two_columns() {
        let mut seen = std::collections::BTreeMap::new();
        for column in Column::ALL {
            for name in column.names().iter().copied().map(words).chain([words(column.code())]) {
                if let Some(other) = seen.insert(name.clone(), column) {
                    assert_eq!(other, column, "{name}");
                }
            }
        }
    }
}
