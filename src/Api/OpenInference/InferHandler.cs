using System.Text.Json;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;
using static System.Net.Mime.MediaTypeNames;

namespace MnistLstm.Api.OpenInference;

/// <summary>Answers <c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
internal sealed class InferHandler(InferService service, BodyBudget bodies, ServiceOptions options)
    : DeadlineHandler(options)
{
    /// <summary>About 50 images, which take a few milliseconds to parse.</summary>
    private const int ShortJsonBytes = 256 * 1024;

    /// <summary>Includes defaults of HTTP clients, as the protocol requires no type: curl -d sends the third.</summary>
    private static readonly string[] ReadableTypes =
        ["", Application.Octet, Application.FormUrlEncoded, Text.Plain, "text/json"];

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline)
    {
        if ((OpenInferenceApi.FindModel(context, out ServedModel model)
            ?? FindTypeProblem(context.Request)) is { } refused)
        {
            return refused;
        }

        using UploadedBody body = await UploadedBody.ReadAsync(context, Options.MaxBatchUploadBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        var call = new InferBody(body.Memory, context.Request.Headers[InferenceProtocol.JsonLengthHeader]);
        (Problem? problem, InferResponse? response) = await service.RunAsync(
            model, OpenInferenceApi.VersionOf(context),
            isExpensive: call.JsonBytes > ShortJsonBytes || PictureReader.IsExpensive(body.Memory),
            call.Read, deadline, context.RequestAborted);
        if (response is not null)
        {
            Write(answer, response, context.Response);
        }

        return problem;
    }

    private static Problem? FindTypeProblem(HttpRequest request)
    {
        string type = request.ContentType ?? "";
        string mediaType = type.Split(';', 2)[0].Trim();
        return request.HasJsonContentType() || ReadableTypes.Contains(mediaType, StringComparer.OrdinalIgnoreCase)
            ? null
            : new Problem(
                ProblemType.UnsupportedMediaType,
                $"A body of type '{Excerpt.Of(type)}' is not supported. Send JSON as {Application.Json}, "
                + $"JSON followed by binary data as {Application.Octet}, or an image file with that type and "
                + $"{InferenceProtocol.JsonLengthHeader}: 0.");
    }

    private static void Write(JsonAnswer answer, InferResponse inference, HttpResponse response)
    {
        response.Headers["Server-Timing"] = inference.Times.ToString();
        JsonSerializer.Serialize(answer.Writer, inference, OpenInferenceJson.Default.InferResponse);
        int jsonBytes = answer.End();
        foreach (byte[] raw in inference.Outputs.Select(output => output.Raw).OfType<byte[]>())
        {
            response.ContentType = Application.Octet;
            response.Headers[InferenceProtocol.JsonLengthHeader] = $"{jsonBytes}";
            answer.Append(raw);
        }
    }
}
