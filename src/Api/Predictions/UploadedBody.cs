using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Operations;

namespace MnistLstm.Api.Predictions;

/// <summary>The whole body of a request in pooled memory, given back on disposal; large ones are not kept in the pool.</summary>
public readonly struct UploadedBody : IDisposable
{
    /// <summary>First guess where the length is not announced.</summary>
    private const int InitialBytes = 16 * 1024;

    /// <summary>Every thread of the process may keep one of each size, so the largest ones are left to the garbage collector.</summary>
    private const int MaxPooledBytes = 1024 * 1024;

    private readonly byte[]? _buffer;
    private readonly int _length;

    private UploadedBody(byte[]? buffer, int length, Problem? problem)
    {
        _buffer = buffer;
        _length = length;
        Problem = problem;
    }

    /// <summary>Why there is no body to work on; null if there is one.</summary>
    public Problem? Problem { get; }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body, but never more than is allowed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">A longer body is refused: before it is read where its length is announced.</param>
    /// <param name="deadline">As <see cref="Stopwatch.GetTimestamp"/> counts.</param>
    public static async ValueTask<UploadedBody> ReadAsync(HttpContext context, int maxBytes, long deadline)
    {
        LiftServerLimit(context);
        long? announced = context.Request.ContentLength;
        if (announced > maxBytes)
        {
            return Refuse(TooLarge(maxBytes));
        }

        byte[] buffer = Rent((int)(announced ?? Math.Min(InitialBytes, maxBytes)));
        int length = 0;
        bool complete = false;
        try
        {
            PipeReader reader = context.Request.BodyReader;
            while (true)
            {
                ValueTask<ReadResult> reading = reader.ReadAsync();
                ReadResult read = reading.IsCompletedSuccessfully ? reading.Result : await WaitAsync(reader, reading, deadline);
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return Refuse(ProblemType.UploadTimeout.Because("The body did not arrive in time."));
                }

                long needed = length + read.Buffer.Length;
                if (needed > maxBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return Refuse(TooLarge(maxBytes));
                }

                buffer = Grow(buffer, length, (int)needed);
                read.Buffer.CopyTo(buffer.AsSpan(length));
                length = (int)needed;
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || length == announced)
                {
                    complete = true;
                    return new UploadedBody(buffer, length, problem: null);
                }
            }
        }
        finally
        {
            if (!complete)
            {
                Return(buffer);
            }
        }
    }

    public void Dispose()
    {
        if (_buffer is not null)
        {
            Return(_buffer);
        }
    }

    private static UploadedBody Refuse(Problem problem) => new(buffer: null, length: 0, problem);

    private static Problem TooLarge(int maxBytes) =>
        ProblemType.BodyTooLarge.Because($"The upload is larger than {maxBytes} bytes.");

    /// <summary>
    /// The limit is kept here, without an exception. The server then reads on for a few seconds after a refusal, so
    /// that the client gets to see the answer and not a reset connection.
    /// </summary>
    private static void LiftServerLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    /// <summary>Waits for bytes that are still on their way, until the deadline: then the result is cancelled.</summary>
    private static async ValueTask<ReadResult> WaitAsync(PipeReader reader, ValueTask<ReadResult> reading, long deadline)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
        using var timer = new Timer(
            static state => ((PipeReader)state!).CancelPendingRead(),
            reader,
            left > TimeSpan.Zero ? left : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        return await reading;
    }

    private static byte[] Grow(byte[] buffer, int length, int needed)
    {
        if (needed <= buffer.Length)
        {
            return buffer;
        }

        byte[] larger = Rent(Math.Max(needed, 2 * buffer.Length));
        buffer.AsSpan(0, length).CopyTo(larger);
        Return(buffer);
        return larger;
    }

    private static byte[] Rent(int bytes) =>
        bytes <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
