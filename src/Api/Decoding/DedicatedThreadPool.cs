using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MnistLstm.Api.Decoding;

/// <summary>
/// Threads beside the pool's, for work that takes long. The pool has one thread for each core, and what is soon done
/// would wait there behind it; beside it, the operating system shares the cores out. They start at the first use.
/// </summary>
/// <param name="count">Works that are done at the same time.</param>
public sealed class DedicatedThreadPool(int count) : IDisposable
{
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
                // A request that outlived the time for shutting down: it is answered, or not, as any other then.
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
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    /// <summary>To be awaited: what follows is done by one of the threads, until it awaits something else.</summary>
    /// <param name="threads">Where to go on; null: where it is.</param>
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
