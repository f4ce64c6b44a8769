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

    /// <summary>Quotation marks in the sentences stay readable; the body is never taken for HTML.</summary>
    private static readonly ProblemJson Json =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

    /// <summary>A stable address below that of the service; GET there says what it means.</summary>
    public string Type => type.Address;

    /// <summary>The last segment of <see cref="Type"/>.</summary>
    [JsonIgnore]
    public string Word => type.Word;

    public string Title => type.Title;

    public int Status => type.Status;

    /// <summary>The cause and what to do about it.</summary>
    public string Detail { get; } = detail;

    /// <summary>Names the request in the service's log. Null if the problem is part of a batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RequestId { get; private set; }

    /// <summary>
    /// Answers the request with this problem, in the form of the protocol that its address belongs to.
    /// </summary>
    public Task WriteAsync(HttpContext context)
    {
        ServiceMetrics.Refused(Word);
        HttpResponse response = context.Response;
        if (GrpcProblem.IsCall(context.Request))
        {
            return GrpcProblem.WriteAsync(response, this);
        }

        var format = ProblemFormat.For(context);
        response.StatusCode = Status;
        response.ContentType = format.ContentType;
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
