using System.Diagnostics;
using System.Threading.RateLimiting;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Api.Decoding;

/// <summary>Bytes of a picture file → candidates for the digit in it.</summary>
public sealed class PictureReader(ServiceOptions options) : IDisposable
{
    /// <summary>Reading more pictures at once would answer none of them sooner.</summary>
    private const int PicturesPerWorker = 2;

    /// <summary>
    /// More take longer than a few milliseconds to read: a PNG file of these takes about 12, a JPEG 2.
    /// </summary>
    private const long ShortPixels = 1024 * 1024;

    /// <summary>More take longer than a few milliseconds to parse: URL-encoded text takes about 7.</summary>
    public const int ShortBytes = 1024 * 1024;

    private readonly SemaphoreSlim _turns = new(PicturesPerWorker * options.Workers);
    private readonly SemaphoreSlim _longTurns = new(options.Workers);
    private readonly DedicatedThreadPool _threads = new(options.Workers);
    private readonly DecodingBudget _budget = new(options.ImageLimits);

    /// <summary>Whether reading this many pixels takes long.</summary>
    public static bool IsExpensive(long pixels) => pixels > ShortPixels;

    /// <summary>Whether parsing a body of this size takes long.</summary>
    public static bool IsExpensive(ReadOnlyMemory<byte> body) => body.Length > ShortBytes;

    /// <summary>Width times height by a picture's header; 0 for what is not going to be decoded.</summary>
    public long CountPixels(in ImageHeader header) =>
        options.ImageLimits.Check(header) == ImageProblem.None ? header.Pixels : 0;

    /// <summary>Judges all pictures of a request together.</summary>
    /// <param name="pixels">Their sum.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? FindPixelProblem(long pixels) => pixels <= options.MaxRequestPixels
        ? null
        : $"The pictures have {pixels} pixels together, and one request may have {options.MaxRequestPixels}.";

    /// <summary>Waits until few enough pictures are being read.</summary>
    /// <param name="isLong">Whether it may take long, so that others are not to wait for it: such pictures have turns
    /// and threads of their own.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when nobody waits for the answer any more.</param>
    /// <returns>A turn that is not given if the deadline came first.</returns>
    public ValueTask<DecodeSlot> EnterAsync(bool isLong, long deadline, CancellationToken clientLeft)
    {
        SemaphoreSlim turns = isLong ? _longTurns : _turns;
        return turns.Wait(millisecondsTimeout: 0, clientLeft)
            ? new ValueTask<DecodeSlot>(Begin(turns, isLong, deadline, clientLeft))
            : WaitAsync(turns, isLong, deadline, clientLeft);
    }

    /// <summary>Does work in a turn.</summary>
    /// <param name="isLong">Whether it may take long.</param>
    /// <param name="state">Handed to the work.</param>
    /// <param name="work">Ends with an <see cref="OperationCanceledException"/> once its token is canceled.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when nobody waits for the answer any more.</param>
    /// <returns>Expired if the deadline came first.</returns>
    public async ValueTask<InferenceOutcome> RunAsync<T>(
        bool isLong, T state, Action<T, CancellationToken> work, long deadline, CancellationToken clientLeft)
    {
        using DecodeSlot turn = await EnterAsync(isLong, deadline, clientLeft);
        if (!turn.IsAcquired)
        {
            return InferenceOutcome.Expired;
        }

        await turn.SwitchToDedicatedThread();
        try
        {
            work(state, turn.Stop);
            return InferenceOutcome.Computed;
        }
        catch (OperationCanceledException) when (!clientLeft.IsCancellationRequested)
        {
            return InferenceOutcome.Expired;
        }
    }

    public void Dispose()
    {
        _turns.Dispose();
        _longTurns.Dispose();
        _threads.Dispose();
        _budget.Dispose();
    }

    /// <summary>Decodes a picture and proposes candidates for its digit.</summary>
    /// <param name="picture">Its file is decoded.</param>
    /// <param name="rotation">Degrees to turn it clockwise: 0, 90, 180 or 270.</param>
    /// <param name="range">Which candidates, the plainest first.</param>
    /// <param name="proposals">Receives those that there are.</param>
    /// <param name="times">Decode and normalize are added to.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>The problem with the picture, or null if there is none.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public Problem? Read(
        RequestPicture picture,
        int rotation,
        Range range,
        List<Proposal> proposals,
        ref StageTimings times,
        CancellationToken stop)
    {
        ImageHeader header = picture.Header.Turn(rotation);
        Problem? problem = Decode(picture, header, ref times, stop, out GrayImage? image, out RateLimitLease? lease);
        using RateLimitLease? memory = lease;
        if (image is null)
        {
            return problem;
        }

        long startedAt = Stopwatch.GetTimestamp();
        int n = 0;
        using (image)
        {
            stop.ThrowIfCancellationRequested();
            var places = new DisplayedBox(image, header, rotation);
            foreach (DigitCandidate candidate in PictureNormalizer.Propose(picture.File, header, options.ImageLimits,
                image, stop))
            {
                if (n++ >= range.Start.Value)
                {
                    Region box = places.Find(candidate.Box);
                    proposals.Add(new Proposal(
                        picture, rotation, box == candidate.Box ? candidate : candidate with { Box = box }));
                }

                if (n == range.End.Value)
                {
                    break;
                }
            }
        }

        CountNormalized(startedAt, ref times);
        return n == 0 ? ProblemType.NoInk.Because("The picture is blank.") : null;
    }

    /// <summary>Decodes a picture and proposes candidates for all its digits.</summary>
    /// <param name="picture">Its file is decoded.</param>
    /// <param name="figures">Proposes.</param>
    /// <param name="times">Decode and normalize are added to.</param>
    /// <param name="stop">Ends the work.</param>
    /// <param name="places">Maps the boxes of candidates to the picture as displayed.</param>
    /// <returns>The problem with the picture, or null if there is none.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public Problem? ReadFigures(
        RequestPicture picture, FigureReader figures, ref StageTimings times, CancellationToken stop,
        out DisplayedBox places)
    {
        places = default;
        Problem? problem =
            Decode(picture, picture.Header, ref times, stop, out GrayImage? image, out RateLimitLease? lease);
        using RateLimitLease? memory = lease;
        if (image is null)
        {
            return problem;
        }

        long startedAt = Stopwatch.GetTimestamp();
        using (image)
        {
            stop.ThrowIfCancellationRequested();
            places = new DisplayedBox(image, picture.Header, rotation: 0);
            figures.Propose(image);
        }

        CountNormalized(startedAt, ref times);
        return figures.Found == 0 ? ProblemType.NoInk.Because("The picture is blank.") : FindTooManyDigits(figures);
    }

    public Problem? FindTooManyDigits(FigureReader figures) => figures.Found <= options.MaxDigits
        ? null
        : ProblemType.TooManyDigits.Because(
            $"The picture seems to have {figures.Found} digits, and {options.MaxDigits} are read at once.");

    /// <param name="lease">Memory of the decoder, to be disposed of when the file is not decoded any more.</param>
    private Problem? Decode(
        RequestPicture picture,
        in ImageHeader header,
        ref StageTimings times,
        CancellationToken stop,
        out GrayImage? image,
        out RateLimitLease? lease)
    {
        stop.ThrowIfCancellationRequested();
        (image, lease) = (null, null);
        long bytes = IsExpensive(CountPixels(header)) ? header.DecodingBytes : 0;
        if (_budget.FindProblem(bytes) is { } tooLarge)
        {
            return ProblemType.TooManyPixels.Because(tooLarge);
        }

        lease = _budget.Wait(bytes, stop);
        long startedAt = Stopwatch.GetTimestamp();
        ImageProblem problem;
        try
        {
            problem = ImageDecoder.Decode(picture.File.Span, header, options.ImageLimits, out image, stop);
        }
        catch
        {
            lease?.Dispose();
            throw;
        }

        TimeSpan decode = Stopwatch.GetElapsedTime(startedAt);
        times.Decode += decode;
        ServiceMetrics.Decoded(decode);
        return image is null ? Describe(problem, picture.File.Span, header) : null;
    }

    private static void CountNormalized(long startedAt, ref StageTimings times)
    {
        TimeSpan normalize = Stopwatch.GetElapsedTime(startedAt);
        times.Normalize += normalize;
        ServiceMetrics.Normalized(normalize);
    }

    private Problem Describe(ImageProblem problem, ReadOnlySpan<byte> file, in ImageHeader header) => problem switch
    {
        ImageProblem.TooManyPixels => ProblemType.TooManyPixels.Because(options.ImageLimits.Describe(header)),
        ImageProblem.TooManySegments => ProblemType.DamagedImage.Because(
            $"The picture has more than {ImageHeader.MaxSegments} segments of metadata or frames."),
        ImageProblem.TooManyScans => ProblemType.DamagedImage.Because(
            $"The JPEG has more than {ImageHeader.MaxScans} scans."),
        ImageProblem.Damaged => ProblemType.DamagedImage.Because("The picture is damaged, cut off or empty."),
        _ => ProblemType.NotAnImage.Because(ImageFormats.NameUnread(file) is { } name
            ? $"This is {name}."
            : "The file is none of the formats that are read."),
    };

    private async ValueTask<DecodeSlot> WaitAsync(
        SemaphoreSlim turns, bool isLong, long deadline, CancellationToken clientLeft) =>
        await turns.WaitAsync(Deadline.Remaining(deadline), clientLeft)
            ? Begin(turns, isLong, deadline, clientLeft)
            : default;

    /// <summary>The turn is taken.</summary>
    private DecodeSlot Begin(SemaphoreSlim turns, bool isLong, long deadline, CancellationToken clientLeft)
    {
        if (!isLong)
        {
            return new DecodeSlot(turns, threads: null, stop: null);
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        stop.CancelAfter(Deadline.Remaining(deadline));
        return new DecodeSlot(turns, _threads, stop);
    }
}
