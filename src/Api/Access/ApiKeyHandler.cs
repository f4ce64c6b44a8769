using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Access;

/// <summary>Authenticates a request by the API key in its header.</summary>
public sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, UrlEncoder.Default)
{
    public const string Header = "X-API-Key";

    public const string SchemeName = "ApiKey";

    /// <summary>All keys give the same rights, so one ticket serves every request.</summary>
    private static readonly AuthenticateResult Success = AuthenticateResult.Success(
        new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName));

    private static readonly AuthenticateResult UnknownKey =
        AuthenticateResult.Fail("The API key is unknown.");

    /// <returns>Null if the header is absent, empty or repeated.</returns>
    public static string? KeyOf(HttpContext context) =>
        context.Request.Headers.TryGetValue(Header, out StringValues keys)
        && keys is [{ Length: > 0 } key] ? key : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        KeyOf(Context) is not { } key ? AuthenticateResult.NoResult() : keys.Contains(key) ? Success : UnknownKey);

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = SchemeName;
        string cause = KeyOf(Context) is not null ? UnknownKey.Failure!.Message
            : Request.Headers[Header].Count > 1 ? "The request has more than one API key."
            : "The request has no API key.";
        return ProblemType.ApiKeyNeeded.WithDetail(cause).WriteAsync(Context);
    }
}
