using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Problems;

/// <summary>An error response.</summary>
public sealed class Problem(ProblemType type, string detail)
{
    public const string ContentType = "application/problem+json";

    /// <summary>Quotation marks stay readable, since no browser interprets the body as HTML.</summary>
    private static readonly ProblemJson Json =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

    /// <summary>An address on this service, where a page explains the problem. Its last segment is stable.</summary>
    public string Type => PathBase.ToUriComponent() + type.Address;

    /// <summary>The last segment of <see cref="Type"/>.</summary>
    [JsonIgnore]
    public string Slug => type.Slug;

    public string Title => type.Title;

    public int Status => type.Status;

    /// <summary>The cause and what to do about it.</summary>
    public string Detail { get; } = detail;

    [JsonIgnore]
    public bool IsLimit => type.IsLimit;

    /// <summary>Identifies the request in the service's log. Absent in a batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RequestId { get; private set; }

    /// <summary>The path prefix of a proxy.</summary>
    [JsonIgnore]
    public PathString PathBase { get; set; }

    /// <summary>Answers the request with this problem, in the format of its protocol.</summary>
    public Task WriteAsync(HttpContext context)
    {
        ServiceMetrics.Refused(Slug);
        HttpResponse response = context.Response;
        if (GrpcProblem.IsCall(context.Request))
        {
            return GrpcProblem.WriteAsync(response, this);
        }

        var format = ProblemFormat.For(context);
        response.StatusCode = Status;
        response.ContentType = format.ContentType;
        PathBase = context.Request.PathBase;
        RequestId = Problems.RequestId.Of(context);
        response.Headers[Problems.RequestId.Header] = RequestId;
        if (type.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds))
                .ToString(CultureInfo.InvariantCulture);
        }

        byte[] body = format.Serialize(this);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    internal static byte[] Serialize(Problem problem) => JsonSerializer.SerializeToUtf8Bytes(problem, Json.Problem);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
