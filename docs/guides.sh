#!/usr/bin/env bash
# The provider's own guides, followed with curl as they are written: authentication, managing Cobre
# balances, refunding a Colombian payin. Each answer is printed, and its fields are compared with those
# that the guide shows. Needs bash, curl and python3; in the root of the repository: docs/guides.sh
set -euo pipefail

folder=$(mktemp -d)
"${CUADRE:-target/debug/cuadre}" sandbox --transactions 100 > "$folder/ready.json" &
sandbox=$!
trap 'kill $sandbox; rm -r "$folder"' EXIT
until [ -s "$folder/ready.json" ]; do sleep 0.1; done

ready() { python3 -c "import json; print(json.load(open('$folder/ready.json'))$1)"; }
cobre=$(ready "['cobre']") control=$(ready "['control']")

# The fields of the last answer: `field a.b` prints one, `fields` says which there are.
field() { python3 -c "
import json, sys
value = json.load(open('$folder/answer'))
for name in sys.argv[1].split('.'):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list, bool)) else value)" "$1"; }
fields() { python3 -c "
import json, sys
value = json.load(open('$folder/answer'))
for name in filter(None, sys.argv[1].split('.')):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(' '.join(sorted(value)))" "$1"; }
same() { # what it is, as it is, as the guide has it
  if [ "$2" = "$3" ]; then echo "  ok: $1"; else
    echo "  DIFFERENT: $1"; echo "    here:  $2"; echo "    guide: $3"; different=1
  fi
}
different=0
ask() { # method, path, body
  echo; echo "$1 $2 ${3:-}"
  local body=(); if [ -n "${3:-}" ]; then body=(-H 'Content-Type: application/json' -d "$3"); fi
  status=$(curl -s -o "$folder/answer" -w '%{http_code}' -X "$1" "$cobre$2" \
    -H "Authorization: Bearer ${token:-}" -H "idempotency: ${key:-guide-$RANDOM$RANDOM}" "${body[@]}")
  echo "$status $(cut -c1-600 "$folder/answer")"
}
clock() { curl -s -o "$folder/clock" "$control/clock" -d "{\"advance_s\":$1}"; }
names() { tr ' ' '\n' <<< "$1" | sort | tr '\n' ' ' | sed 's/ $//'; }

echo "== Authentication"
secret=$(ready "['credentials']['cobre']['admin']['secret']")
ask POST /auth "{\"user_id\":\"cli_admin\",\"secret\":\"$secret\"}"
same 'fields of the token' "$(fields '')" 'access_token expiration_time type'
same 'type and life' "$(field type) $(field expiration_time)" 'Bearer 1200'
token=$(field access_token)
# The guide's token is signed with RS256; this one with HS256, which no client looks at.
same 'a token of three parts' "$(grep -cE '^eyJhbGciOi[^.]*\.[^.]+\.[^.]+$' <<< "$token")" 1
ask GET /accounts
same 'the token opens the business API' "$status" 200
clock 1200
ask GET /accounts
same 'it has run out after 1200 s' "$status $(field error_code)" '401 AU006'
ask POST /auth "{\"user_id\":\"cli_admin\",\"secret\":\"$secret\"}"
token=$(field access_token)

echo; echo "== Managing Cobre balances"
balance='account_number account_type alias connectivity created_at currency geo id metadata obtained_balance obtained_balance_at provider_id provider_name tags updated_at'
ask POST /accounts '{"provider_id":"pr_col_cobre","action":"create","alias":"Comercio 12","metadata":{"currency":"cop"}}'
same 'fields of a balance' "$(fields '')" "$(names "$balance")"
merchant=$(field id)
ask GET "/accounts/$merchant"
same 'retrieval' "$(field id) $(field connectivity.status)" "$merchant connected"
ask PATCH "/accounts/$merchant" '{"alias":"Comercio doce"}'
same 'update' "$(field alias)" 'Comercio doce'
ask GET '/accounts?alias=Operaci%C3%B3n'
main=$(field contents.0.id)
ask POST "/accounts/$merchant/primary_account" "{\"primary_account_id\":\"$main\"}"
same 'account linkage' "$(field metadata.primary_account)" "$main"
ask POST "/accounts/$merchant/keys" '{"alias":"Caja","key_config":"random","holder":{"full_name":"Comercio SAS","id_type":"nit","id_number":"901183029"}}'
path=/accounts/$merchant/keys/$(field id); clock 2
ask GET "$path"
address=$(field key_value)
curl -s -o "$folder/payin" "$control/payins" -d "{\"kind\":\"breb_key\",\"target\":\"$address\",\"amount\":70000}"
clock 5
ask GET "/accounts/$merchant"
same 'what came in was swept to the primary account' "$(field obtained_balance)" 0
ask GET "/accounts/$merchant/transactions"
same 'the credit and the debit of the sweep' "$(field total_items) $(field contents.0.type) $(field contents.1.type)" '2 col_cb_debit breb_credit'
ask GET '/transactions?page_size=1'
one=$(field contents.0.id) of=$(field contents.0.account_id)
ask GET "/accounts/$of/transactions/$one"
same 'one transaction' "$(field id)" "$one"
ask GET "/accounts/$main/daily_balance_history?page_size=1"
same 'daily balance history' "$status" 200
ask DELETE "/accounts/$merchant/primary_account"
same 'account unlinkage' "$(field metadata.primary_account)" None
ask DELETE "/accounts/$merchant"
same 'close, which not every provider has' "$status $(field error_code)" '409 G004'
ask POST /accounts '{"provider_id":"pr_mex_cobre3","action":"create","alias":"México 2","metadata":{"currency":"mxn"}}'
ask DELETE "/accounts/$(field id)"
same 'close, where the provider has it' "$status" 204

echo; echo "== Refunding a Colombian payin"
sender='{"name":"Juan Pérez","id":"1018983923","id_type":"cc","account_number":"78110264","account_type":"ch","bank_code":"1809"}'
curl -s -o "$folder/payin" "$control/payins" \
  -d "{\"kind\":\"breb_key\",\"target\":\"@CBANDINASAS2\",\"amount\":100000,\"description\":\"Payin Bre-B\",\"sender\":$sender}"
credit='account_id amount created_at credit_debit_type currency current_balance id metadata previous_balance transaction_date type'
payer='description key_value sender_account_number sender_account_type sender_bank_code sender_id sender_id_type sender_name'
ask GET '/transactions?type=breb_credit&page_size=1&sensitive_data=true'
same 'fields of a credit to a static key' "$(fields contents.0)" "$(names "$credit")"
same 'and of its metadata' "$(fields contents.0.metadata)" "$(names "$payer")"
origin=$(field contents.0.id) account=$(field contents.0.account_id)
ask POST /counterparties '{"geo":"col","type":"r2p_breb","alias":"Juan","metadata":{"counterparty_fullname":"Juan Pérez","counterparty_id_type":"cc","counterparty_id_number":"1018983923"}}'
asked=$(field id)
ask POST /money_movements "{\"source_id\":\"$asked\",\"destination_id\":\"$account\",\"amount\":100000,\"metadata\":{\"r2p_rail\":\"breb_key\",\"description_to_payee\":\"R2P Bre-B\"}}"
link=$(field id); clock 1
curl -s -o "$folder/payin" "$control/pay" -d "{\"movement\":\"$link\"}"
ask GET '/transactions?type=r2p_breb_credit&page_size=1&sensitive_data=true'
same 'a credit of a direct link has the movement too' "$(fields contents.0.metadata)" "$(names "$payer money_movement_id")"
same 'which made it' "$(field contents.0.metadata.money_movement_id)" "$link"

ask POST /money_movements_return "{\"transaction_id\":\"$origin\",\"metadata\":{\"description\":\"x\"}}"
same 'the return of a Colombian credit does not apply' "$status $(field error_code)" '400 MM005'
ask POST /counterparties '{"geo":"col","type":"breb_key","alias":"refund-juan-perez","metadata":{"key_value":"@PAYERKEY123","counterparty_email":"juan.perez@example.co","counterparty_phone":"+573001112233"}}'
payee=$(field id)
same 'a counterparty with the payer’s key' "$status ${payee:0:3}" '201 cp_'
reference="refund_$origin" key="refund_$origin"
body="{\"amount\":100000,\"source_id\":\"$account\",\"destination_id\":\"$payee\",\"metadata\":{\"description\":\"Refund ${origin:0:14}\"},\"external_id\":\"$reference\"}"
ask POST /money_movements "$body"
same 'the refund' "$status $(field type) $(field geo) $(field currency) $(field status.state)" '201 breb col cop initiated'
refund=$(field id)
ask POST /money_movements "$body"
same 'sent again with its key it is the same one' "$(field id)" "$refund"
key=
ask POST /counterparties '{"geo":"col","type":"cc","alias":"refund-order-9931","metadata":{"counterparty_fullname":"Juan Pérez","beneficiary_institution":"1007","account_number":"051304546110","counterparty_id_type":"cc","counterparty_id_number":"1018983923"}}'
payee=$(field id)
ask POST /money_movements "{\"amount\":50000,\"source_id\":\"$account\",\"destination_id\":\"$payee\",\"metadata\":{\"description\":\"Refund order 9931\"},\"external_id\":\"refund_order_9931\"}"
same 'a refund to an account' "$status $(field type) $(field geo) $(field currency) $(field status.state)" '201 fast_pay col cop initiated'
clock 30
ask GET "/money_movements?external_id=$reference"
same 'found by its external id, completed' "$(field total_items) $(field contents.0.id) $(field contents.0.status.state)" "1 $refund completed"
ask GET "/accounts/$account/transactions?type=breb_debit&page_size=1"
same 'a debit that offsets the credit' "$(field contents.0.amount) $(field contents.0.metadata.money_movement_id)" "-100000 $refund"

echo; if [ $different = 0 ]; then echo "every answer is as the guides show it"; else echo "some answers differ"; fi
exit $different
