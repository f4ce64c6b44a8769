using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MnistLstm.Shared;

namespace MnistLstm.Api.Decoding;

/// <summary>
/// Dedicated threads for expensive work. In the thread pool, with one thread for each core, short work would wait
/// behind expensive work. Here, the operating system shares the cores between threads, and these come last. They start
/// at first use.
/// </summary>
/// <param name="count">The number of threads.</param>
public sealed class DedicatedThreadPool(int count) : IDisposable
{
    /// <summary>
    /// A tenth of the usual share of a busy core. The p99 of small pictures beside ones of 12 megapixels was 18.2 and
    /// 12.1 ms with the usual share, and 8.9 and 9.7 ms with this one; as many large ones were answered
    /// (<c>bench/faults.sh large 10</c>).
    /// </summary>
    private const int Niceness = 10;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Lock _gate = new();
    private bool _started;
    private bool _disposed;

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _work.CompleteAdding();
            if (!_started)
            {
                _work.Dispose();
            }
        }
    }

    private void Add(Action work)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                // The request outlived the shutdown timeout.
                ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
                return;
            }

            for (int i = 0; i < count && !_started; i++)
            {
                new Thread(Work) { IsBackground = true, Name = "decode worker" }.UnsafeStart();
            }

            _started = true;
            _work.Add(work);
        }
    }

    private void Work()
    {
        Libc.LowerPriority(Niceness);
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    /// <summary>Await this to continue on one of the threads.</summary>
    /// <param name="threads">The pool to continue on; null to stay on the current thread.</param>
    public readonly struct Switch(DedicatedThreadPool? threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => threads is null;

        public Switch GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => threads!.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads!.Add(continuation);
    }
}
