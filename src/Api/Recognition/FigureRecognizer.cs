using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.Recognition;

/// <summary>Reads all digits of a picture.</summary>
/// <remarks>No decoded picture stays in memory while candidates wait in the queue.</remarks>
public sealed class FigureRecognizer(PictureReader reader)
{
    /// <summary>
    /// A pixel counts this many times for what is expensive: noise of a megapixel takes 1.5 s, and 0.04 s as one digit.
    /// </summary>
    private const int PixelWeight = 16;

    /// <param name="figures">Receives the digits or the problem of the picture.</param>
    /// <param name="model">The model, leased.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>Computed, even if the picture has a problem; otherwise the reason why nothing was computed.</returns>
    public async ValueTask<InferenceOutcome> ReadAsync(
        PictureFigures figures, ServedModel model, long deadline, CancellationToken clientLeft)
    {
        while (true)
        {
            InferenceOutcome outcome = await RunAsync(figures, model, deadline, clientLeft);
            if (outcome != InferenceOutcome.Computed || figures.Picture.Problem is not null || figures.Choose(reader))
            {
                return outcome;
            }
        }
    }

    private async ValueTask<InferenceOutcome> RunAsync(
        PictureFigures figures, ServedModel model, long deadline, CancellationToken clientLeft)
    {
        InferenceOutcome outcome = await reader.RunAsync(
            PictureReader.IsExpensive(PixelWeight * reader.CountPixels(figures.Picture.Header)),
            (figures, reader),
            static (state, stop) => state.figures.Propose(state.reader, stop),
            deadline,
            clientLeft);
        return outcome != InferenceOutcome.Computed || figures.Picture.Problem is not null
            ? outcome
            : await model.Queue.ClassifyAsync(figures.CreateRequest(), deadline, clientLeft);
    }
}
