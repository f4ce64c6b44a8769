using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict/digits</c>: one picture in, all its digits out.</summary>
public sealed class DigitsHandler(
    ModelCatalog models, PictureUpload upload, FigureRecognizer recognizer, ServiceOptions options)
    : DeadlineHandler(options)
{
    private static readonly string[] Parameters = [PredictionQuery.ModelParameter];

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline)
    {
        if (PredictionQuery.Read(context.Request, models, Parameters, out PredictionQuery query) is { } badQuery)
        {
            return badQuery;
        }

        if (query.Explain || query.Rotate)
        {
            return new Problem(
                ProblemType.BadQuery,
                "/predict/digits supports neither explain nor rotate; /predict does, for one digit.");
        }

        using PictureRequest request = await upload.ReceiveAsync(context, query.Model, images: 1, deadline);
        if (request.Problem is not null)
        {
            return request.Problem;
        }

        using var figures =
            new PictureFigures(request.Picture, new FigureReader(request.Model.Card, Options.MaxDigits));
        InferenceOutcome outcome = await recognizer.ReadAsync(figures, request.Model, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed || request.Picture.Problem is not null)
        {
            return outcome.ToProblem() ?? request.Picture.Problem;
        }

        context.Response.Headers["Server-Timing"] = figures.Times.ToString();
        JsonSerializer.Serialize(
            answer.Writer, CreateAnswer(request.Model, figures), DigitsPredictionJson.Default.DigitsPrediction);
        return null;
    }

    private static DigitsPrediction CreateAnswer(ServedModel model, PictureFigures figures)
    {
        var text = new StringBuilder();
        List<PredictedDigit> digits = [];
        foreach ((int candidate, int line, bool isDigit) in figures.Digits)
        {
            ReadOnlySpan<float> probabilities = figures.Candidates.Probabilities(candidate);
            int digit = TensorPrimitives.IndexOfMax(probabilities);
            ServiceMetrics.Predicted(model.Name, digit, isDigit);
            text.Append(digits.Count > 0 && digits[^1].Line != line ? "\n" : "")
                .Append(ReadDigit.CharacterOf(digit, isDigit));
            digits.Add(new PredictedDigit
            {
                Digit = digit,
                Probability = probabilities[digit],
                Probabilities = probabilities.ToArray(),
                IsDigit = isDigit,
                Line = line,
                Box = PictureBox.Of(figures.BoxOf(candidate)),
            });
        }

        return new DigitsPrediction { Text = text.ToString(), Digits = digits, Model = model.Reference };
    }
}
