/** What docs/monitoring/README.md shows: the names of its pictures, and what each of them queries. */
export const GRAPHS = {
  'token-remaining': 'm2m_client_token_remaining',
  'token-requests': 'sum by (m2m_result) (increase(m2m_client_token_requests_total[10s]))',
  'token-sources': 'sum by (m2m_token_source) (rate(m2m_client_tokens_total[10s]))',
  refusals: 'sum by (m2m_reason) (rate(m2m_server_verifications_total{m2m_result="refused"}[10s])) > 0',
};
