using System.Globalization;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.OpenInference;

/// <summary>Answers <c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
internal sealed class InferHandler(
    ModelCatalog models, InferService service, InferRequestReader reader, BodyBudget bodies, ServiceOptions options)
    : DeadlineHandler(options)
{
    /// <summary>The numbers of about 50 images, which take a few milliseconds.</summary>
    private const int ShortJsonBytes = 256 * 1024;

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, long deadline)
    {
        HttpRequest request = context.Request;
        if ((ModelRoute.Find(context, models, out ServedModel model) ?? InferBody.FindProblem(request)) is { } refused)
        {
            return refused;
        }

        using UploadedBody body = await UploadedBody.ReadAsync(context, Options.MaxBatchUploadBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        Memory<byte> bytes = body.Memory;
        if (InferBody.ReadJsonLength(request, bytes.Length, out int jsonBytes) is { } badLength)
        {
            return new Problem(ProblemType.BadInference, badLength);
        }

        bool isLong = jsonBytes > ShortJsonBytes || PictureReader.IsLong(bytes);
        InferResult result = await service.RunAsync(
            model, ModelRoute.Version(context), isLong, call => reader.Read(bytes, jsonBytes, call), deadline, context.RequestAborted);
        if (result.Model is not null)
        {
            context.Response.Headers["Server-Timing"] = result.Times.ToString();
            await WriteAsync(context.Response, result);
        }

        return result.Problem;
    }

    private static ValueTask WriteAsync(HttpResponse response, InferResult result)
    {
        InferCall call = result.Call!;
        int rawBytes = 0;
        var outputs = new InferOutputTensor[result.Outputs!.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            InferOutput output = result.Outputs[i];
            bool isRaw = output.Requested.Binary ?? call.BinaryOutputs;
            rawBytes += isRaw ? output.RawBytes : 0;
            outputs[i] = new InferOutputTensor(
                output.Requested.Name,
                output.Datatype,
                output.Shape,
                isRaw ? new InferParameters { BinarySize = output.RawBytes } : null,
                isRaw ? null : TensorData.Of(output));
        }

        ModelReference model = result.Model!;
        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(
            answer.Writer, new InferResponse(model.Name, model.Version, call.Id, outputs), OpenInferenceJson.Answers.InferResponse);
        int jsonBytes = answer.End();
        response.ContentLength = jsonBytes + rawBytes;
        response.ContentType = rawBytes == 0 ? InferenceProtocol.JsonType : InferenceProtocol.BinaryType;
        if (rawBytes > 0)
        {
            response.Headers[InferenceProtocol.HeaderLength] = jsonBytes.ToString(CultureInfo.InvariantCulture);
        }

        answer.CopyTo(response.BodyWriter);
        foreach (InferOutput output in result.Outputs)
        {
            if (output.Requested.Binary ?? call.BinaryOutputs)
            {
                output.WriteRaw(response.BodyWriter);
            }
        }

        return new ValueTask(response.BodyWriter.FlushAsync().AsTask());
    }
}
