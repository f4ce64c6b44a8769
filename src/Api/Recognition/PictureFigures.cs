using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Recognition;

/// <summary>A picture of several digits, and their readings.</summary>
/// <remarks>Disposing returns the memory of the candidates.</remarks>
public sealed class PictureFigures(RequestPicture picture, FigureReader reader) : IDisposable
{
    private StageTimings _times;
    private DisplayedBox _places;
    private InferenceRequest? _candidates;

    public RequestPicture Picture => picture;

    /// <summary>All candidates, once computed.</summary>
    public InferenceRequest Candidates => _candidates!;

    /// <inheritdoc cref="FigureReader.Digits"/>
    public IReadOnlyList<(int Candidate, int Line, bool IsDigit)> Digits => reader.Digits;

    /// <summary>Time spent on each step so far.</summary>
    public StageTimings Times => _times;

    /// <summary>The box of a candidate in the picture as displayed.</summary>
    public Region BoxOf(int candidate) => _places.Find(Candidates.Candidate(candidate)!.Box);

    public void Dispose() => _candidates?.Dispose();

    internal void Propose(PictureReader pictures, CancellationToken stop) =>
        picture.Problem = pictures.ReadFigures(picture, reader, ref _times, stop, out _places);

    /// <summary>Packs all candidates into one request.</summary>
    internal InferenceRequest CreateRequest()
    {
        _candidates?.Dispose();
        _candidates = InferenceRequest.Rent(reader.Candidates.Count);
        for (int n = 0; n < _candidates.Count; n++)
        {
            _candidates.Set(n, reader.Candidates[n]);
        }

        return _candidates;
    }

    /// <summary>Chooses the digits after the candidates are computed.</summary>
    /// <returns>Whether there is nothing more to propose.</returns>
    internal bool Choose(PictureReader pictures)
    {
        _times.Queue += Candidates.Waited;
        _times.Infer += Candidates.Computed;
        float[] evidence = new float[Candidates.Count];
        for (int n = 0; n < evidence.Length; n++)
        {
            evidence[n] = EnergyScore.FromLogits(Candidates.Logits(n));
        }

        bool isDone = reader.Choose(evidence);
        picture.Problem = pictures.FindTooManyDigits(reader);
        return isDone;
    }
}
