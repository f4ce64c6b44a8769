using System.Net;
using System.Text.RegularExpressions;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using MnistLstm.Api.Health;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.OpenInference;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.Access;

/// <summary>API keys, rate limits, CORS and forwarded headers. All are off unless set.</summary>
public static partial class AccessApi
{
    /// <summary>Addresses that need no key: orchestrators probe them, and browsers open a page.</summary>
    private static readonly PathString[] OpenPaths =
    [
        "/grpc.health.v1.Health", "/grpc.reflection.v1.ServerReflection", "/grpc.reflection.v1alpha.ServerReflection",
        "/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/ServerReady",
        "/health", "/v2/health", HealthApi.AliasPath, ProblemPages.Path,
        "/swagger", ApiDescription.AliasPagePath, ApiDescription.AliasDocumentPath,
    ];

    /// <summary>An IPv6 client has a network with a prefix of this many bits rather than one address.</summary>
    private const int ClientNetworkBits = 64;

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post];

    public static void AddAccess(this WebApplicationBuilder builder, ServiceOptions options)
    {
        var keys = new ApiKeys(options.ApiKeys);
        builder.Services.AddSingleton(keys);
        if (options.NeedsKeys)
        {
            // The authentication handler logs each request that it rejects, so anyone could fill the log.
            builder.Logging.AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning);
            builder.Services.AddTransient<ApiKeyHandler>();
            builder.Services.AddAuthenticationCore(static authentication =>
            {
                authentication.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName, displayName: null);
                authentication.DefaultScheme = ApiKeyHandler.SchemeName;
            });
            AuthorizationPolicy policy = new AuthorizationPolicyBuilder()
                .RequireAssertion(call => call.User.Identity is { IsAuthenticated: true }
                    || IsOpen(((HttpContext)call.Resource!).Request.Path, options))
                .Build();
            builder.Services.AddAuthorization(authorization => authorization.FallbackPolicy = policy);
        }

        builder.Services.ConfigureSwaggerGen(
            options.NeedsKeys ? DescribeKeys : static swagger => swagger.AddSecurityRequirement(_ => []));
        if (options.RateLimit > 0)
        {
            builder.Services.AddSingleton(_ => CreateLimiter(keys, options));
            builder.Services.AddRateLimiter(limiter => limiter.OnRejected = (rejected, _) => new ValueTask(
                ProblemType.RateLimited.WithDetail($"A client may send {options.RateLimit} requests per second.")
                    .WriteAsync(rejected.HttpContext)));
            builder.Services.AddOptions<RateLimiterOptions>().Configure<PartitionedRateLimiter<HttpContext>>(
                static (limiter, clients) => limiter.GlobalLimiter = clients);
        }

        if (options.ApiKeyFile is { } file)
        {
            string text = KeyFile.Read(file);
            keys.Replace(KeyFile.Parse(file, text));
            builder.Services.AddHostedService(services =>
                new KeyFile(text, keys, options, services.GetRequiredService<ILogger<KeyFile>>()));
        }

        builder.AddForwardedHeadersAndCors(options);
    }

    private static void AddForwardedHeadersAndCors(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.CorsOrigins.Count > 0)
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
                .WithOrigins([.. options.CorsOrigins])
                .WithMethods(Methods)
                .AllowAnyHeader()
                .WithExposedHeaders(
                    "Server-Timing", "Retry-After", RequestId.Header, InferenceProtocol.JsonLengthHeader)));
        }

        if (options.TrustedProxies.Count > 0)
        {
            builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
            {
                forwarded.ForwardedHeaders =
                    ForwardedHeaders.XForwardedFor
                    | ForwardedHeaders.XForwardedProto
                    | ForwardedHeaders.XForwardedPrefix;
                forwarded.ForwardLimit = null;
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                foreach (System.Net.IPNetwork network in options.TrustedProxies)
                {
                    forwarded.KnownIPNetworks.Add(network);
                }
            });
        }
    }

    /// <summary>
    /// Adds forwarded headers (the client's address and the prefix of the path) and CORS. Redirects repeat the prefix,
    /// and some proxies pass on what a client sent as the prefix, so anything but a plain path is dropped.
    /// </summary>
    public static void UseForwardedHeadersAndCors(this WebApplication app)
    {
        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        if (options.TrustedProxies.Count > 0)
        {
            app.Use((context, next) =>
            {
                const string Header = "X-Forwarded-Prefix";
                IHeaderDictionary headers = context.Request.Headers;
                if (!Array.TrueForAll(headers.GetCommaSeparatedValues(Header), Prefix().IsMatch))
                {
                    headers.Remove(Header);
                }

                return next(context);
            });
            app.UseForwardedHeaders();
        }

        if (options.CorsOrigins.Count > 0)
        {
            // The answer to a preflight request repeats these names.
            app.Use((context, next) =>
            {
                IHeaderDictionary headers = context.Request.Headers;
                string[] names = headers.GetCommaSeparatedValues(HeaderNames.AccessControlRequestHeaders);
                if (Array.Exists(names, name => name.Length > Excerpt.MaxLength))
                {
                    headers.Remove(HeaderNames.AccessControlRequestHeaders);
                }

                return next(context);
            });
            app.UseCors();
        }
    }

    /// <summary>Applies rate limiting, then API-key authentication.</summary>
    public static void UseAccess(this WebApplication app)
    {
        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        if (options.RateLimit > 0)
        {
            app.UseRateLimiter();
        }

        if (options.NeedsKeys)
        {
            app.UseAuthentication();
            app.UseAuthorization();
        }
    }

    private static void DescribeKeys(SwaggerGenOptions swagger)
    {
        swagger.AddSecurityDefinition(ApiKeyHandler.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiKeyHandler.Header,
            Description = "The API key from the operator.",
        });
        swagger.AddSecurityRequirement(document => new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(ApiKeyHandler.SchemeName, document)] = [],
        });
    }

    /// <summary>Whether API keys and limits do not apply to an address.</summary>
    internal static bool IsOpen(PathString path, ServiceOptions options)
    {
        foreach (PathString open in OpenPaths)
        {
            if (path.StartsWithSegments(open))
            {
                return true;
            }
        }

        return !options.MetricsNeedKey && path.StartsWithSegments(TelemetryApi.MetricsPath);
    }

    private static PartitionedRateLimiter<HttpContext> CreateLimiter(ApiKeys keys, ServiceOptions options) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => IsOpen(context.Request.Path, options)
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(Client(context, keys), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.RateLimitBurst,
                TokensPerPeriod = options.RateLimit,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    /// <summary>The partition of the rate limiter: the key, or else the address.</summary>
    private static string Client(HttpContext context, ApiKeys keys)
    {
        if (ApiKeyHandler.KeyOf(context) is { } key && keys.Contains(key))
        {
            return key;
        }

        IPAddress address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        byte[] bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? address.ToString()
            : new IPAddress([.. bytes[..(ClientNetworkBits / 8)], .. new byte[ClientNetworkBits / 8]]).ToString();
    }

    /// <summary>Segments of unreserved characters (RFC 3986, section 2.3) that do not lead upward.</summary>
    [GeneratedRegex(@"^(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
