// oidc-provider (certified, npm) behind Okta's paths, for the apps of a file that okta-sim's --oauth-clients takes too.
//
// usage: node server.mjs PACKAGES ISSUER CLIENTS.json [ACCESS_TOKEN_SECONDS]
//
// PACKAGES is the folder where package.json was installed. ISSUER is the address that apps and browsers use: a proxy that
// passes the Host header on. Listens on a free port of 127.0.0.1 and prints `ready http://127.0.0.1:PORT`.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [packages, issuer, file, seconds = '3600'] = process.argv.slice(2);
const entry = pathToFileURL(`${packages}/node_modules/oidc-provider/lib/index.js`);
const { default: Provider } = await import(entry.href);

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const OPENID = ['openid', 'profile', 'email', 'offline_access'];

/** An app of the file in oidc-provider's terms (RFC 7591). */
function registered(app) {
  const service = app.jwks !== undefined && !app.redirect_uris;
  const secret = app.client_secret === undefined ? 'none' : app.token_endpoint_auth_method ?? 'client_secret_basic';
  const client = {
    client_id: app.client_id,
    token_endpoint_auth_method: app.jwks === undefined ? secret : 'private_key_jwt',
    grant_types: service ? ['client_credentials'] : ['authorization_code', 'refresh_token', DEVICE_CODE],
    response_types: service ? [] : ['code'],
    redirect_uris: app.redirect_uris ?? [],
    application_type: app.client_secret === undefined && !service ? 'native' : 'web',
    scope: [...(service ? [] : OPENID), ...app.scopes].join(' '),
    dpop_bound_access_tokens: app.dpop_bound_access_tokens ?? false,
  };
  if (app.client_secret !== undefined) client.client_secret = app.client_secret;
  if (app.jwks !== undefined) client.jwks = app.jwks;
  return client;
}

const apps = JSON.parse(readFileSync(file, 'utf8'));
const lifetime = Number(seconds);
const scopes = [...new Set(apps.flatMap((app) => app.scopes))];
const provider = new Provider(issuer, {
  clients: apps.map(registered),
  scopes: [...OPENID, ...scopes],
  routes: {
    authorization: '/oauth2/v1/authorize',
    token: '/oauth2/v1/token',
    jwks: '/oauth2/v1/keys',
    revocation: '/oauth2/v1/revoke',
    introspection: '/oauth2/v1/introspect',
    userinfo: '/oauth2/v1/userinfo',
    device_authorization: '/oauth2/v1/device/authorize',
    code_verification: '/activate',
    end_session: '/oauth2/v1/logout',
  },
  pkce: { required: () => true },
  features: {
    // Its sign-in and consent pages, which take any name and password.
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    // One resource, the org itself: access tokens are JWTs for it, as Okta's are.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => issuer,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: scopes.join(' '),
        accessTokenFormat: 'jwt',
        accessTokenTTL: lifetime,
        audience: issuer,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  // RS256 is what Okta's own documents sign proofs with.
  enabledJWA: { dPoPSigningAlgValues: ['RS256', 'ES256'] },
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  ttl: { AccessToken: lifetime, ClientCredentials: lifetime, DeviceCode: 600 },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});

// OpenID Connect Core §11 wants prompt=consent with offline_access, and oidc-provider keeps to it; Okta asks for no such thing.
provider.use(async (ctx, next) => {
  const asked = new URLSearchParams(ctx.querystring);
  if (ctx.path === '/oauth2/v1/authorize' && asked.get('scope')?.includes('offline_access') && !asked.has('prompt')) {
    asked.set('prompt', 'consent');
    ctx.querystring = asked.toString();
  }
  await next();
});

// Which rule a request broke oidc-provider keeps to itself: a missing proof is "grant request is invalid". Okta says it [recorded].
const details = new WeakMap();
provider.on('grant.error', (ctx, error) => details.set(ctx, error.error_detail ?? error.error_description));
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/oauth2/v1/token' && details.get(ctx) === 'DPoP proof JWT not provided') {
    ctx.body = { error: 'invalid_dpop_proof', error_description: 'The DPoP proof JWT header is missing.' };
  }
});

const server = createServer(provider.callback());
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`));
